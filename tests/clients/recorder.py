"""A proxy between a client and a served node that writes down what the client asks, queries included."""

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


@contextmanager
def recording(target: str) -> Iterator[tuple[str, list[str]]]:
    """The base address to give to the client, and the methods and paths with queries that it asked, in order."""
    asked: list[str] = []
    place = urlsplit(target).netloc

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def forward(self) -> None:
            asked.append(f"{self.command} {self.path}")
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)) or None
            speaking = http.client.HTTPConnection(place, timeout=60)
            try:
                # The Host is the proxy's: so links lead through it.
                speaking.request(self.command, self.path, body, dict(self.headers.items()))
                answer = speaking.getresponse()
                content = answer.read()
            finally:
                speaking.close()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in ("transfer-encoding", "connection", "content-length", "date", "server"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        do_GET = do_HEAD = do_POST = do_OPTIONS = forward  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: what was asked is written down."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
