"""Runs an ezeep simulator for the tests beside it: no test, but run by them.

Its arguments are the lifetime of a token and a number of sign-ins. It tells, as a line of JSON, its URLs and a refresh
token of each sign-in; when its input ends, what it has seen.
"""

import asyncio
import json
import sys
import time

from ezeep_async.simulator import EzeepSimulator


async def serve(token_seconds: float, sign_ins: int) -> None:
    """Serve until the input ends."""
    asked_at: list[float] = []
    async with EzeepSimulator(users=50, token_seconds=token_seconds) as simulator:
        redeem, issue, check = (
            getattr(simulator._tokens, name) for name in ("redeem_refresh", "issue_access", "bearer")
        )
        issued_at: dict[str, float] = {}
        refused: list[float | None] = []

        def observed(token: str) -> object:
            asked_at.append(time.monotonic())
            return redeem(token)

        def issue_observed(family: object) -> str:
            token = issue(family)
            issued_at[token] = time.monotonic()
            return token

        def check_observed(token: str) -> object:
            family = check(token)
            if family is None:
                refused.append(time.monotonic() - issued_at[token] if token in issued_at else None)
            return family

        simulator._tokens.redeem_refresh = observed
        simulator._tokens.issue_access, simulator._tokens.bearer = issue_observed, check_observed
        urls = {name: getattr(simulator, name) for name in ("account_url", "management_url")}
        tokens = [simulator.issue_refresh_token() for _ in range(sign_ins)]
        print(json.dumps({**urls, "client_id": simulator.client_id, "tokens": tokens}), flush=True)
        await asyncio.to_thread(sys.stdin.read)
        stats = simulator.stats
        print(
            json.dumps(
                {
                    "reuse": stats.refresh_reuse,
                    "unauthorized": stats.unauthorized,
                    "requests": stats.requests,
                    "statuses": stats.statuses,
                    "dropped": stats.dropped,
                    "peak": stats.peak_in_flight,
                    "asked_at": asked_at,
                    "refused_at_age": refused,
                }
            ),
            flush=True,
        )


if __name__ == "__main__":
    asyncio.run(serve(float(sys.argv[1]), int(sys.argv[2])))
