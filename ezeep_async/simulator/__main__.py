"""Runs a simulator until it is interrupted, and tells at the end what it has seen."""

import argparse
import asyncio
import shlex
import signal
from collections.abc import Iterator, Sequence
from contextlib import suppress

from ezeep_async.simulator.app import EzeepSimulator
from print_async.testing.faults import Fault, FaultKind
from print_async.testing.simulator import Statistics


def parse(arguments: Sequence[str] | None = None) -> EzeepSimulator:
    """Make the simulator that a command line describes."""
    options = _parser().parse_args(arguments)
    simulator = EzeepSimulator(
        options.users,
        options.groups,
        seed=options.seed,
        token_seconds=options.token_seconds,
        refresh_token_seconds=options.refresh_token_seconds,
        rotate=options.rotate,
        detect_reuse=options.detect_reuse,
        client_id=options.client_id,
        client_secret=options.client_secret,
        bare_lists=options.bare_lists,
        sign_in_page=options.sign_in_page,
        default_page=options.default_page,
        max_page=options.max_page,
        latency=options.latency,
        port=options.port,
    )
    if options.failures:
        simulator.faults.add(Fault(kind=FaultKind.STATUS, probability=options.failures))
    return simulator


def environment(simulator: EzeepSimulator) -> str:
    """Return the shell lines that lead a client to a running simulator, with a fresh refresh token."""
    values = {
        "EZEEP_ACCOUNT_URL": simulator.account_url,
        "EZEEP_MANAGEMENT_URL": simulator.management_url,
        "EZEEP_PRINT_URL": simulator.print_url,
        "EZEEP_CLIENT_ID": simulator.client_id,
        "EZEEP_CLIENT_SECRET": simulator.client_secret,
        "EZEEP_REFRESH_TOKEN": simulator.issue_refresh_token(),
    }
    return "\n".join(f"export {name}={shlex.quote(value)}" for name, value in values.items() if value)


def summary(statistics: Statistics) -> str:
    """Return what a simulator has seen, a fact per line."""
    return "\n".join(f"{name:>16}  {value}" for name, value in _facts(statistics))


def main() -> None:
    """Run `python -m ezeep_async.simulator`."""
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(parse()))


async def _serve(simulator: EzeepSimulator) -> None:
    interrupted = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # Windows: there an interrupt cancels the wait instead
            asyncio.get_running_loop().add_signal_handler(number, interrupted.set)
    try:
        async with simulator:
            print(_greeting(simulator), flush=True)
            await interrupted.wait()
    finally:
        print(f"\n{summary(simulator.stats)}", flush=True)


def _greeting(simulator: EzeepSimulator) -> str:
    size = f"{simulator.users} users in {simulator.directory.group_count} groups"
    return f"""\
ezeep Blue simulator: {size}, seed {simulator.seed}. Ctrl-C ends it.

     account  {simulator.account_url}
  management  {simulator.management_url}
       print  {simulator.print_url}
   client id  {simulator.client_id}
        user  {simulator.directory.people.at(0).email}, password {simulator.password}

{environment(simulator)}
"""


def _facts(statistics: Statistics) -> Iterator[tuple[str, object]]:
    yield "requests", statistics.requests
    yield "at most at once", statistics.peak_in_flight
    yield "dropped", statistics.dropped
    yield "refresh reuse", statistics.refresh_reuse
    yield "changes", statistics.mutations.total()
    for grant_type, count in statistics.token_requests.most_common():
        yield "tokens", f"{count} by {grant_type or 'no grant type'}"
    for status, count in sorted(statistics.statuses.items()):
        yield "answers", f"{count} with {status}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m ezeep_async.simulator", description="A simulator of ezeep Blue.")
    switch = argparse.BooleanOptionalAction
    parser.add_argument("--users", type=int, default=200)
    parser.add_argument("--groups", type=int, help="one per fifty users unless told")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--token-seconds", type=int, default=3600)
    parser.add_argument("--refresh-token-seconds", type=int, help="no end unless told")
    parser.add_argument("--rotate", action=switch, default=True, help="a refresh spends the refresh token")
    parser.add_argument("--detect-reuse", action=switch, default=True, help="a spent refresh token revokes its family")
    parser.add_argument("--client-id", default="ezeep-simulator")
    parser.add_argument("--client-secret", default="")
    parser.add_argument("--bare-lists", action="store_true", help="answer lists as bare arrays")
    parser.add_argument("--sign-in-page", action="store_true", help="ask whoever signs in for name and password")
    parser.add_argument("--default-page", type=int, default=20)
    parser.add_argument("--max-page", type=int, default=100)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds each answer takes at least")
    parser.add_argument("--failures", type=float, default=0.0, help="the share of requests answered 503, from 0 to 1")
    parser.add_argument("--port", type=int, default=0, help="the first of four ports in a row; 0 for free ones")
    return parser


if __name__ == "__main__":
    main()
