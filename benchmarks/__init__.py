"""Benchmarks: each beside a named peer, in the same run, as a ratio. `uv run python -m benchmarks`."""
