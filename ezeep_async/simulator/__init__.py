"""A simulator of ezeep Blue on loopback, written from the vendor's documents and independent of the client.

```python
async with EzeepSimulator(users=20_000, token_seconds=5) as simulator:
    simulator.account_url, simulator.management_url, simulator.print_url
    simulator.issue_refresh_token()
```

`python -m ezeep_async.simulator --help` runs one by itself.
"""

from ezeep_async.simulator.app import EzeepSimulator

__all__ = ["EzeepSimulator"]
