"""A server that answers as MLflow does, in memory, and can be told to misbehave."""

import http.server
import json
import re
import ssl
import subprocess
import threading
import urllib.parse

API = "/api/2.0/mlflow/"
ARTIFACTS = "/api/2.0/mlflow-artifacts/artifacts/"
RUN = "0" * 31 + "1"
MODEL = "m-" + "0" * 31 + "2"
TRACKING_ERROR = 7  # the exit code

# Secrets that look different in a header, in an address and in JSON.
TOKEN = "t0ken/with+signs=and%more"
PASSWORD = 'pass word"&<é>'


class Request:
    """What a client sent."""

    def __init__(self, method, path, headers, body):
        self.method = method
        self.path, _, query = path.partition("?")
        self.query = dict(urllib.parse.parse_qsl(query))
        self.headers = headers
        self.body = body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def name(self):
        """ "POST runs/create": the endpoint without what stands before it; "PUT MLmodel"."""
        short = self.path.rpartition("/artifacts/" if self.method == "PUT" else API)[2]
        return f"{self.method} {short}"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or a kept-alive connection waits 40 ms for an acknowledgement

    def answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        request = Request(self.command, self.path, self.headers, self.rfile.read(length))
        with self.server.lock:
            self.server.requests.append(request)
            count = sum(each.name == request.name for each in self.server.requests)
        # A fault gets the request and how often it has come; it answers, or returns False.
        if self.server.fault(self, request, count) is False:
            self.send(*self.server.ordinary_answer(request))

    do_GET = do_POST = do_PUT = do_PATCH = answer

    def send(self, status, content, content_type="application/json", **headers):
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class FakeMlflow(http.server.ThreadingHTTPServer):
    """`fault(handler, request, count)` answers in MLflow's place, or returns False."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, certificate=None, major=3):
        super().__init__(("127.0.0.1", 0), Handler)
        self.major = major
        self.requests = []
        self.lock = threading.Lock()
        self.fault = lambda *_: False
        self.released = threading.Event()  # ends what hangs, at the latest when the test is over
        scheme = "http"
        if certificate:
            scheme = "https"
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.socket = context.wrap_socket(self.socket, server_side=True,
                                              do_handshake_on_connect=False)
        self.url = f"{scheme}://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.released.set()
        self.shutdown()
        self.server_close()

    def handle_error(self, *_):  # a client that hangs up is what some tests are about
        pass

    def names(self):
        return [request.name for request in self.requests]

    def named(self, name):
        return [request for request in self.requests if request.name == name]

    def logged(self, kind):
        """All params, tags or metrics of all batches."""
        return [item for batch in self.named("POST runs/log-batch")
                for item in batch.json.get(kind, [])]

    def statuses(self):
        """What the run was said to be, in order."""
        return [request.json["status"] for request in self.named("POST runs/update")]

    def ordinary_answer(self, request):
        artifacts = "mlflow-artifacts:/0/"
        run = {"run": {"info": {"run_id": RUN, "experiment_id": "0",
                                "artifact_uri": f"{artifacts}{RUN}/artifacts"}}}
        model = {"model": {"info": {"model_id": MODEL,
                                    "artifact_uri": f"{artifacts}models/{MODEL}/artifacts"}}}
        answers = {
            "GET experiments/get-by-name": {"experiment": {"experiment_id": "7"}},
            "POST experiments/create": {"experiment_id": "8"},
            "POST runs/create": run,
            "GET runs/get": run,
            "POST logged-models": model,
            "POST model-versions/create": {"model_version": {"version": "1"}},
        }
        if self.major == 2 and re.match(API + "(logged-models|runs/outputs)", request.path):
            return 404, b"<!doctype html><title>404 Not Found</title>", "text/html"
        if not request.path.startswith((API, ARTIFACTS)):
            return 404, b"<!doctype html><title>404 Not Found</title>", "text/html"
        return 200, answers.get(request.name, {})


def settings(server, **more):
    """The environment that tracks to a server, with a login."""
    return {"MLFLOW_TRACKING_URI": server.url, "MLFLOW_TRACKING_TOKEN": TOKEN,
            "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "0.1", **more}


def on(name, fault):
    """The fault at requests of this name only."""
    return lambda handler, request, count: request.name == name and fault(handler, request, count)


def status(code, content, content_type="application/json", **headers):
    """The fault that gives this answer to all."""
    return lambda handler, *_: handler.send(code, content, content_type, **headers)


def hang(handler, *_):
    """The fault that never answers."""
    handler.server.released.wait(60)
    handler.close_connection = True


def make_certificate(folder, *, name="127.0.0.1"):
    """A self-signed certificate with its key, in one PEM file."""
    path = folder / f"{name}.pem"
    subject = f"IP:{name}" if name[0].isdigit() else f"DNS:{name}"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", path,
                    "-out", folder / "certificate", "-days", "1", "-subj", f"/CN={name}",
                    "-addext", f"subjectAltName={subject}"], check=True, capture_output=True)
    with path.open("a") as file:
        file.write((folder / "certificate").read_text())
    return path
