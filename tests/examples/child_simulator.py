"""Runs an ezeep simulator for the tests beside it: no test, but run by them.

Its arguments are the lifetime of a token, and the seconds that each answer takes. It tells, as a line of JSON, what a
backend needs to know; then prints a line for each token request; when its input ends, what it has seen, and all tokens.
"""

import asyncio
import json
import sys
import time

from ezeep_async.simulator import EzeepSimulator


def told(simulator: EzeepSimulator) -> dict[str, str]:
    """Return the environment of a backend."""
    return {
        "EZEEP_ACCOUNT_URL": simulator.account_url,
        "EZEEP_MANAGEMENT_URL": simulator.management_url,
        "EZEEP_REFRESH_TOKEN": simulator.issue_refresh_token(),
    }


def watch(simulator: EzeepSimulator) -> tuple[list[float], list[str]]:
    """Tell of each token request, and return lists that get its time, and every token that is issued."""
    asked_at: list[float] = []
    tokens: list[str] = []
    redeem, access, refresh = (
        getattr(simulator._tokens, name) for name in ("redeem_refresh", "issue_access", "issue_refresh")
    )

    def redeem_aloud(token: str) -> object:
        asked_at.append(time.monotonic())
        print("refresh", flush=True)
        return redeem(token)

    def kept(issue):
        def issue_and_keep(family: object) -> str:
            tokens.append(issue(family))
            return tokens[-1]

        return issue_and_keep

    simulator._tokens.redeem_refresh = redeem_aloud
    simulator._tokens.issue_access, simulator._tokens.issue_refresh = kept(access), kept(refresh)
    return asked_at, tokens


async def serve(token_seconds: float, latency: float) -> None:
    """Serve until the input ends."""
    simulator = EzeepSimulator(50, client_id="client-id", token_seconds=token_seconds, latency=latency)
    asked_at, tokens = watch(simulator)
    async with simulator:
        print(json.dumps(told(simulator)), flush=True)
        await asyncio.to_thread(sys.stdin.read)
    stats = simulator.stats
    seen = {"reuse": stats.refresh_reuse, "statuses": stats.statuses, "dropped": stats.dropped}
    print(json.dumps({**seen, "asked_at": asked_at, "tokens": tokens}), flush=True)


if __name__ == "__main__":
    asyncio.run(serve(*map(float, sys.argv[1:])))
