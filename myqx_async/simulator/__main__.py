"""`python -m myqx_async.simulator`: a Print Server to try things on, until Ctrl-C."""

import argparse
import asyncio
import signal
from collections.abc import Sequence
from pathlib import Path

from myqx_async.simulator.simulator import MyQXSimulator
from print_async.testing.simulator import Statistics


def make_parser() -> argparse.ArgumentParser:
    """Make the parser of the command line."""
    parser = argparse.ArgumentParser(prog="python -m myqx_async.simulator", description="A simulated MyQ X server.")
    add = parser.add_argument
    add("--users", type=int, default=200, metavar="N", help="seeded users (default %(default)s)")
    add("--printers", type=int, default=20, metavar="N", help="printers (default %(default)s)")
    add("--queues", type=int, default=5, metavar="N", help="queues (default %(default)s)")
    add("--seed", type=int, default=0, metavar="N", help="the same seed gives the same data (default %(default)s)")
    add("--token-seconds", type=float, default=1800, metavar="S", help="life of an access token (default %(default)s)")
    add("--refresh-token-seconds", type=float, metavar="S", help="life of a refresh token (default: no end)")
    add("--no-rotate", dest="rotate", action="store_false", help="a refresh token may be used again")
    add("--no-detect-reuse", dest="detect_reuse", action="store_false", help="a reused one ends no sign-in")
    add("--lenient-scopes", dest="strict_scopes", action="store_false", help="leave out a scope instead of refusing it")
    add("--oauth-errors", action="store_true", help="the token endpoint refuses as RFC 6749 has it")
    add("--success-status", type=int, choices=(200, 201, 204), default=200, help="status of a write that worked")
    add("--count-is-page", action="store_true", help="`count` counts the page, not all")
    add("--code-differs", action="store_true", help="an error's `code` is not the HTTP status")
    add("--sign-in-page", action="store_true", help="ask whoever signs in for name and password")
    add("--no-tls", dest="tls", action="store_false", help="speak plain HTTP")
    add("--latency", type=float, default=0.0, metavar="S", help="seconds that each request waits")
    add("--port", type=int, default=0, metavar="P", help="TCP port on 127.0.0.1 (default: a free one)")
    add("--ca-out", type=Path, metavar="FILE", help="write the authority's certificate here and leave it there")
    return parser


async def serve(simulator: MyQXSimulator, ca_out: Path | None, stop: asyncio.Event) -> None:
    """Run the simulator until `stop`, saying at the start how to reach it and at the end what it has seen."""
    async with simulator:
        ca_file = _put_ca(simulator, ca_out) if simulator.tls else None
        print(describe(simulator, ca_file), flush=True)
        await stop.wait()
    print(summarise(simulator.stats), flush=True)


def describe(simulator: MyQXSimulator, ca_file: Path | None) -> str:
    """Say where the simulator is, and as what environment an application finds it."""
    environment = {
        "MYQX_URL": simulator.url,
        **({} if ca_file is None else {"MYQX_CA_FILE": str(ca_file)}),
        "MYQX_CLIENT_ID": simulator.client_id,
        "MYQX_CLIENT_SECRET": simulator.client_secret,
    }
    someone = simulator.credentials(0)
    lines = [
        f"MyQ X simulator at {simulator.url}",
        f"  CA file        {ca_file or '(no TLS)'}",
        f"  client id      {simulator.client_id}",
        f"  client secret  {simulator.client_secret}",
        f"  user           {someone.username}, password {someone.password}, PIN {someone.pin}, card {someone.card}",
        "",
        *(f"export {name}='{value}'" for name, value in environment.items()),
    ]
    return "\n".join(lines)


def summarise(stats: Statistics) -> str:
    """Say what has been seen, one number a line."""
    numbers = {
        "requests": stats.requests,
        "peak in flight": stats.peak_in_flight,
        "dropped": stats.dropped,
        "refresh tokens reused": stats.refresh_reuse,
        "mutations": stats.mutations.total(),
        **{f"token requests, {name or '(none)'}": count for name, count in sorted(stats.token_requests.items())},
        **{f"status {status}": count for status, count in sorted(stats.statuses.items())},
    }
    return "\n".join(["", *(f"{count:>10}  {name}" for name, count in numbers.items())])


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    options = vars(make_parser().parse_args(arguments))
    ca_out: Path | None = options.pop("ca_out")
    asyncio.run(_run(MyQXSimulator(**options), ca_out))


async def _run(simulator: MyQXSimulator, ca_out: Path | None) -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        # A plain handler and not the loop's own: that one does not exist on Windows.
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
    await serve(simulator, ca_out, stop)


def _put_ca(simulator: MyQXSimulator, ca_out: Path | None) -> Path:
    if ca_out is None:
        return simulator.ca_file
    ca_out.write_bytes(simulator.ca_pem)
    return ca_out.absolute()


if __name__ == "__main__":
    main()
