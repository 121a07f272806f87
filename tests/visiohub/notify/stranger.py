"""A stranger's HTTP server, in a thread, which answers what it is told to."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Asked:
    """One request."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Stranger:
    """`answer` gives status, headers and pieces of the body, or waits as long as it likes."""

    port: int
    asked: list[Asked] = field(default_factory=list)
    answer: Callable[[Asked], tuple[int, dict[str, str], Iterator[bytes]]] = field(
        default=lambda _asked: (200, {}, iter(()))
    )
    leaving: threading.Event = field(default_factory=threading.Event)
    """Set when the test is over: whoever waits stops."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def says(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.answer = lambda _asked: (
            status,
            {k.replace("_", "-"): v for k, v in headers.items()},
            iter((body,)),
        )


@contextmanager
def stranger_server() -> Iterator[Stranger]:
    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            one = Asked(self.command, self.path, headers, self.rfile.read(length))
            stranger.asked.append(one)
            status, answered, pieces = stranger.answer(one)
            self.send_response(status)
            for name, value in answered.items():
                self.send_header(name, value)
            self.end_headers()
            try:
                for piece in pieces:
                    self.wfile.write(piece)
            except OSError:
                return

        do_GET = do_POST = _any  # noqa: N815 - http.server's names

        def log_message(self, *_arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    stranger = Stranger(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield stranger
    finally:
        stranger.leaving.set()
        server.shutdown()
        server.server_close()
        thread.join()
