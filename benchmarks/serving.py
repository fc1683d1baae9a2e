"""A server that is not the limit: nginx, in a process of its own, with files that were rendered before.

Where nginx is not installed, `benchmarks.server` takes its place, and the results say so.
"""

import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import attrs
import trustme

from benchmarks import server
from benchmarks.site import TOKEN

HELP = "nginx is not installed (`apt-get install nginx`): the server is aiohttp's, and bounds the wall times"
_CONFIGURATION = """
daemon off;
master_process off;  # it needs no other user to work as, so it can be started by anybody
pid {folder}/nginx.pid;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    default_type application/json;
    keepalive_requests 1000000000;
    keepalive_timeout 600s;
    tcp_nodelay on;
    open_file_cache max=100;
    open_file_cache_valid 3600s;
    client_body_temp_path {folder}/temp;
    proxy_temp_path {folder}/temp;
    fastcgi_temp_path {folder}/temp;
    uwsgi_temp_path {folder}/temp;
    scgi_temp_path {folder}/temp;
    server {{
        listen 127.0.0.1:{port};
        listen 127.0.0.1:{tls_port} ssl;
        ssl_certificate {folder}/server.pem;
        ssl_certificate_key {folder}/server.pem;
        ssl_protocols TLSv1.2 TLSv1.3;
        root {folder};
        location = /oauth/access_token/ {{ return 200 '{token}'; }}
        location / {{ rewrite ^(.*)/$ $1/page$arg_offset.json break; }}
    }}
}}
"""


@attrs.frozen
class Server:
    """A running server."""

    url: str
    tls_url: str
    """The same over TLS, with a certificate of a private authority."""
    ca_file: Path
    """The authority."""


def nginx() -> str | None:
    """Return where nginx is; it is not on everybody's path."""
    return shutil.which("nginx") or shutil.which("/usr/sbin/nginx")


@contextmanager
def serving(write: Callable[[Path, str], None]) -> Iterator[Server]:
    """Let `write` render files into a folder, for the URL that it is given, and serve them."""
    with TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        port, tls_port = _free_ports(2)
        ready = Server(f"http://127.0.0.1:{port}", f"https://127.0.0.1:{tls_port}", folder / "ca.pem")
        authority = trustme.CA()
        authority.cert_pem.write_to_path(ready.ca_file)
        authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(folder / "server.pem")
        write(folder, ready.url)
        command = nginx()
        if command is None:
            stack.enter_context(server.serving(folder, port=port, tls_port=tls_port))
        else:
            stack.enter_context(_running(command, folder, port, tls_port))
        yield ready


@contextmanager
def _running(command: str, folder: Path, port: int, tls_port: int) -> Iterator[None]:
    file, log = folder / "nginx.conf", folder / "nginx.log"
    file.write_text(_CONFIGURATION.format(folder=folder, port=port, tls_port=tls_port, token=TOKEN.decode()))
    with log.open("wb") as errors, subprocess.Popen([command, "-c", file, "-e", "stderr"], stderr=errors) as process:
        try:
            while not _answers(port):
                if process.poll() is not None:
                    raise RuntimeError(f"nginx did not start:\n{log.read_text()}")
                time.sleep(0.01)
            yield
        finally:
            process.terminate()


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _free_ports(number: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(number)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
