"""An HTTP proxy in front of a server that notes every request and how long the server took."""

import contextlib
import http.client
import http.server
import threading
import time


class Noted:
    def __init__(self, method, path, start):
        self.method, self.path, self.start, self.end = method, path, start, None

    def __repr__(self):
        return f"{self.method} {self.path} {1000 * (self.end - self.start):.1f} ms"


def time_in_flight(requests):
    """Seconds during which the server was busy with at least one of the requests."""
    total, until = 0.0, float("-inf")
    for request in sorted(requests, key=lambda request: request.start):
        total += max(0.0, request.end - max(request.start, until))
        until = max(until, request.end)
    return total


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self):
        super().setup()
        self.connection_to_server = http.client.HTTPConnection(*self.server.target)
        self.connection_to_server.connect()
        self.server.connections += 1

    def finish(self):
        self.connection_to_server.close()
        super().finish()

    def forward(self):
        noted = Noted(self.command, self.path, time.monotonic())
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.connection_to_server.request(self.command, self.path, body, dict(self.headers))
        answer = self.connection_to_server.getresponse()
        content = answer.read()
        head = f"HTTP/1.1 {answer.status} {answer.reason}\r\nContent-Length: {len(content)}\r\n"
        kind = answer.getheader("Content-Type")
        head += f"Content-Type: {kind}\r\n\r\n" if kind else "\r\n"
        noted.end = time.monotonic()
        self.server.requests.append(noted)
        self.wfile.write(head.encode() + content)

    do_GET = do_POST = do_PUT = do_PATCH = forward

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def logging_proxy(host, port):
    """Listens on loopback; .url, .requests (those answered) and .connections tell the rest."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.target, server.requests, server.connections = (host, port), [], 0
    server.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
