"""The script in docs/cluster.md, run as it is, but for the address of the scheduler."""

import asyncio
import re
import sys
from pathlib import Path

import worker_jobs
from distributed import Client

from ezeep_async.simulator import EzeepSimulator

TEXT = (Path(__file__).parents[2] / "docs" / "cluster.md").read_text()


async def test_the_script(scheduler, redis_server, tmp_path):
    """It puts the users of a file into a group, each once, with one token for all workers."""
    [script] = re.findall(r"^```python\n(\"\"\".*?)^```", TEXT, re.DOTALL | re.MULTILINE)
    (tmp_path / "script.py").write_text(script.replace("tcp://scheduler.acme.com:8786", scheduler))
    async with EzeepSimulator(users=250) as sim:
        users = [sim.directory.user(index) for index in range(250)]
        group = sim.directory.create_group({"name": "all"}).id
        (tmp_path / "users.txt").write_text("\n".join(user.id for user in users) + "\nnobody\n")
        told = {f"EZEEP_{name.upper()}": getattr(sim, name) for name in ("account_url", "management_url", "print_url")}
        told |= {"EZEEP_CLIENT_ID": sim.client_id, "EZEEP_REFRESH_TOKEN": sim.issue_refresh_token()}
        told |= {"PRINT_ASYNC_REDIS_URL": redis_server.url, "GROUP_ID": group}
        async with Client(scheduler, asynchronous=True, set_as_default=False) as dask:
            await dask.run(worker_jobs.set_environment, told)

        process = await asyncio.create_subprocess_exec(
            sys.executable, "script.py", cwd=tmp_path, stdout=asyncio.subprocess.PIPE
        )
        said, _ = await process.communicate()

        assert (process.returncode, said.decode()) == (0, "250 done, 1 failed\n")
        assert {sim.stats.mutations[f"user-groups:{user.id}"] for user in users} == {1}
        assert sim.stats.token_requests.total() == 1
