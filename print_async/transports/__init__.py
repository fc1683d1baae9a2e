"""Ways to the network. Each is a `print_async.wire.Transport`; importing this package imports none of the libraries."""
