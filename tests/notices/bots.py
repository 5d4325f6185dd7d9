"""A bot's platform for tests: a real HTTP server that keeps what was posted and answers as it is told."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

OK = json.dumps({"errcode": 0, "errmsg": "ok"})


@dataclass
class Bots:
    url: str = ""
    posted: list[tuple[str, Any]] = field(default_factory=list)
    status: int = 200
    answer: str = OK
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def texts(self) -> list[str]:
        return [body["text"]["content"] for _, body in self.posted]


@contextmanager
def bots_running() -> Iterator[Bots]:
    """The server, on a port of its own."""
    bots = Bots()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            bots.posted.append((self.path, body))
            self.send_response(bots.status)
            for name, value in bots.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(bots.answer.encode())

        def log_message(self, *args: Any) -> None:
            """Nothing is written to the test's output."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    bots.url = f"http://127.0.0.1:{server.server_port}/send"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield bots
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
