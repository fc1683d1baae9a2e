"""The parts of the contract of transports; see `print_async.testing.transports`."""
