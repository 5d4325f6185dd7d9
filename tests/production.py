"""The site as production serves it, for tests: the Dockerfile's command, a proxy where TLS ends before it."""

import json
import os
import re
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import requests
from django.conf import settings

from tests.ground.test_settings import SAFE
from tests.worker import PROJECT_DIR

HOST = "kefu.example.com"
HTTPS = {"X-Forwarded-Proto": "https", "Host": HOST}
SECONDS = 60
_ADDRESS = re.compile(r"--bind=\S+")


@contextmanager
def gunicorn(folder: Path, *, database: str) -> Iterator[str]:
    """The address of a server under production settings, on a database that is given by address.

    It logs to `gunicorn.log` in the folder, where its static and other files are as well.
    """
    address, log = f"127.0.0.1:{_free_port()}", folder / "gunicorn.log"
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONUTF8": "1",
        **SAFE,
        "DATABASE_URL": database,
        "REDIS_URL": settings.REDIS_URL,
        "STATIC_ROOT": str(folder / "static"),
        "UPLOAD_DIR": str(folder / "uploads"),
        "ATTACHMENT_DIR": str(folder / "attachments"),
    }
    collect = [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity=0"]
    subprocess.run(collect, cwd=PROJECT_DIR, env=environment, check=True)
    with open(log, "wb") as output:
        server = subprocess.Popen(
            _command(address), cwd=PROJECT_DIR, env=environment, stdout=output, stderr=output
        )
    try:
        _wait_for(address, server, log)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=SECONDS)


@contextmanager
def tls_before(address: str, folder: Path) -> Iterator[str]:
    """The address of a proxy with a certificate of its own, which tells the server that TLS ended there."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    make = ["openssl", "req", "-x509", "-nodes", "-newkey", "rsa:2048", "-subj", f"/CN={HOST}"]
    subprocess.run([*make, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    handler = type("Handler", (_Proxied,), {"behind": address})
    # A handshake is made by the request's own thread, when it first reads.
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as proxy:
        proxy.socket = tls.wrap_socket(proxy.socket, server_side=True, do_handshake_on_connect=False)
        Thread(target=proxy.serve_forever, daemon=True).start()
        try:
            yield f"https://{HOST}:{proxy.server_port}"
        finally:
            proxy.shutdown()


class _Proxied(BaseHTTPRequestHandler):
    """Passes a request on as reverse proxies do: the visitor's own word for the protocol is dropped."""

    behind = ""
    protocol_version = "HTTP/1.1"

    def handle(self) -> None:
        # A browser goes when it likes, also in the middle of a handshake.
        with suppress(OSError):
            super().handle()

    def do_GET(self) -> None:
        asked = {name: value for name, value in self.headers.items() if name.title() not in _OF_THE_WAY}
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        server = HTTPConnection(self.behind, timeout=SECONDS)
        server.request(self.command, self.path, body, {**asked, "X-Forwarded-Proto": "https"})
        answer = server.getresponse()
        content = answer.read()
        server.close()
        self.send_response_only(answer.status, answer.reason)
        for name, value in answer.getheaders():
            if name.title() not in _OF_THE_WAY:
                self.send_header(name, value)
        if answer.status not in (204, 304):
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_POST = do_GET


_OF_THE_WAY = {"Connection", "Keep-Alive", "Transfer-Encoding", "Content-Length", "X-Forwarded-Proto"}


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _command(address: str) -> list[str]:
    """The command of the Dockerfile, at another address."""
    text = (PROJECT_DIR / "Dockerfile").read_text().replace("\\\n", "")
    command: list[str] = json.loads(text.rpartition("CMD ")[2])
    return [sys.executable, "-m", *(_ADDRESS.sub(f"--bind={address}", each) for each in command)]


def _wait_for(address: str, server: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + SECONDS
    while True:
        assert server.poll() is None and time.monotonic() < deadline, log.read_text(errors="replace")
        try:
            requests.get(f"http://{address}/healthz", headers=HTTPS, timeout=5)
        except (requests.ConnectionError, requests.Timeout):
            time.sleep(0.1)
        else:
            return
