"""A training tracked to a server that misbehaves: how it ends, how soon, and what it says.

conftest.train sees to it that the model is there however the tracking went, and Step that no
secret was printed.
"""

import socket
import struct
import threading
import time

import pytest
from fake_mlflow import (ARTIFACTS, MODEL, PASSWORD, RUN, TOKEN, TRACKING_ERROR, hang, on, settings,
                         status)

SOON = 30  # seconds: a server that hangs does so for longer, a sanitizer slows down by less


def test_a_good_server_gets_all_in_few_requests(server, train):
    done = train(**settings(server))

    assert done.returncode == 0, done.stderr
    assert len(server.requests) <= 25
    assert server.names().count("POST runs/create") == 1
    assert server.statuses() == ["FINISHED"]
    assert f"PUT {MODEL}/artifacts/MLmodel" in [
        request.method + " " + request.path.removeprefix(ARTIFACTS + "0/models/")
        for request in server.requests]
    assert {request.headers["Authorization"] for request in server.requests} == {f"Bearer {TOKEN}"}
    assert not any(request.headers["Expect"] for request in server.requests)
    assert RUN in done.stderr


def test_500_twice_is_tried_again(server, train):
    server.fault = lambda handler, request, count: (
        handler.send(500, {"error_code": "INTERNAL_ERROR"}) if count <= 2 else False)

    done = train(**settings(server))

    assert done.returncode == 0, done.stderr
    assert len(server.named("POST runs/create")) == 3
    assert server.statuses()[-1] == "FINISHED"


def test_500_for_ever_ends_with_the_servers_words(server, train):
    server.fault = on("POST runs/log-batch", status(500, {"error_code": "INTERNAL_ERROR",
                                                          "message": "disk\nfull \x1b[31m"}))

    done = train(**settings(server, MLFLOW_HTTP_REQUEST_MAX_RETRIES="2"))

    assert done.returncode == TRACKING_ERROR
    assert (f"POST {server.url}/api/2.0/mlflow/runs/log-batch: HTTP 500: "
            "INTERNAL_ERROR: disk full [31m (after 3 attempts)") in done.stderr
    assert len(server.named("POST runs/log-batch")) == 3
    assert server.statuses() == ["FAILED"]


def test_429_waits_as_long_as_the_server_asks(server, train):
    times = []

    def fault(handler, request, count):
        times.append(time.monotonic())
        return handler.send(429, {}, Retry_After="2") if count == 1 else False

    server.fault = on("POST runs/create", fault)

    done = train(**settings(server))

    assert done.returncode == 0, done.stderr
    assert times[1] - times[0] >= 2
    assert "HTTP 429; trying again in 2 s" in done.stderr


def test_a_wait_that_is_longer_than_the_timeout_is_not_waited(server, train):
    server.fault = on("POST runs/create", status(503, {}, Retry_After="3600"))

    done = train(**settings(server, MLFLOW_HTTP_REQUEST_TIMEOUT="5"))

    assert done.returncode == TRACKING_ERROR
    assert done.seconds < SOON
    assert "HTTP 503" in done.stderr


def test_a_wait_of_centuries_is_not_waited(server, train):
    server.fault = on("POST runs/create", status(503, {}, Retry_After="99999999999"))

    assert train(**settings(server)).returncode == TRACKING_ERROR
    assert len(server.requests) == 1


@pytest.mark.parametrize("name", ["POST runs/create", "POST runs/log-batch", "PUT MLmodel",
                                  "POST runs/update"])
def test_a_server_that_hangs_is_left_when_the_time_is_over(server, train, name):
    server.fault = on(name, hang)

    done = train(**settings(server, MLFLOW_HTTP_REQUEST_TIMEOUT="1"))

    assert done.returncode == TRACKING_ERROR
    assert done.seconds < SOON
    assert "timed out" in done.stderr.lower()
    assert len(server.named(name)) <= 2  # once, and once more to say that the run has failed


def test_an_answer_that_trickles_is_left_when_the_time_is_over(server, train):
    def trickle(handler, *_):
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        while not handler.server.released.wait(0.1):
            handler.wfile.write(b" ")

    server.fault = on("POST runs/create", trickle)

    done = train(**settings(server, MLFLOW_HTTP_REQUEST_TIMEOUT="1"))

    assert done.returncode == TRACKING_ERROR
    assert done.seconds < SOON


def test_a_connection_that_breaks_in_the_body_is_made_again(server, train):
    def half(handler, request, count):
        if count > 1:
            return False
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        handler.wfile.write(b'{"run": ')
        handler.close_connection = True

    server.fault = half

    done = train(**settings(server))

    assert done.returncode == 0, done.stderr


def test_connections_that_always_break_end_in_an_error(server, train):
    def reset(handler, *_):
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        handler.close_connection = True

    server.fault = reset

    done = train(**settings(server, MLFLOW_HTTP_REQUEST_MAX_RETRIES="3"))

    assert done.returncode == TRACKING_ERROR
    assert "(after 4 attempts)" in done.stderr


def test_nobody_listens(train):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"

        done = train(MLFLOW_TRACKING_URI=url, MLFLOW_HTTP_REQUEST_MAX_RETRIES="1",
                     MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR="0.1")

    assert done.returncode == TRACKING_ERROR
    assert f"POST {url}/api/2.0/mlflow/runs/create" in done.stderr
    assert "(after 2 attempts)" in done.stderr


@pytest.mark.parametrize("code", [401, 403])
def test_a_refused_login_says_which_variables_and_no_secret(server, train, code):
    page = f"<html><style>x</style><body><h1>No.</h1>Your token was {TOKEN}, &lt;sic&gt;</body>"
    server.fault = status(code, page.encode(), "text/html")

    done = train(**settings(server))

    assert done.returncode == TRACKING_ERROR
    words = "No. Your token was ***, <sic> (check MLFLOW_TRACKING_TOKEN)"
    assert f"HTTP {code}: {words}" in done.stderr
    assert len(server.requests) == 1  # and not again


def test_a_password_is_sent_but_not_shown(server, train):
    server.fault = lambda handler, request, count: handler.send(
        401, {"error_code": "X", "message": request.headers["Authorization"] + PASSWORD})

    done = train(MLFLOW_TRACKING_URI=server.url, MLFLOW_TRACKING_USERNAME="ann",
                 MLFLOW_TRACKING_PASSWORD=PASSWORD, MLFLOW_TRACKING_TOKEN=TOKEN)

    assert done.returncode == TRACKING_ERROR
    assert "HTTP 401: X: Basic ***" in done.stderr
    assert "check MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD" in done.stderr


def test_without_a_login_it_says_what_to_set(server, train):
    server.fault = status(401, b"", "text/plain")

    done = train(MLFLOW_TRACKING_URI=server.url)

    assert "set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD" in done.stderr


def test_a_host_that_the_server_does_not_know(server, train):
    words = "Invalid Host header - possible DNS rebinding attack detected"
    server.fault = status(403, words.encode(), "text/plain")

    done = train(**settings(server))

    assert f"HTTP 403: {words} (start the MLflow server with --allowed-hosts)" in done.stderr


def test_a_run_that_cannot_be_resumed(server, train):
    server.fault = on("GET runs/get", status(404, {"error_code": "RESOURCE_DOES_NOT_EXIST",
                                                   "message": "Run 'x' not found"}))

    done = train(**settings(server, MLFLOW_RUN_ID="x"))

    assert done.returncode == TRACKING_ERROR
    assert "HTTP 404: RESOURCE_DOES_NOT_EXIST: Run 'x' not found" in done.stderr


def test_a_login_page_is_no_answer(server, train):
    server.fault = status(200, b"<!DOCTYPE html><title>Sign in</title>", "text/html")

    done = train(**settings(server))

    assert done.returncode == TRACKING_ERROR
    assert "a web page instead of an answer of MLflow; is it a login?: Sign in" in done.stderr


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"run": 1}', b'{"run": {"info": {}}}', b"OK"])
def test_an_answer_that_is_not_mlflows(server, train, body):
    server.fault = on("POST runs/create", status(200, body))

    done = train(**settings(server))

    assert done.returncode == TRACKING_ERROR
    assert "HTTP 200, but no answer of MLflow" in done.stderr


def test_an_answer_without_end_is_cut(server, train):
    def flood(handler, *_):
        handler.send_response(200)
        handler.send_header("Content-Length", str(1 << 40))
        handler.end_headers()
        while not handler.server.released.is_set():
            handler.wfile.write(b" " * (1 << 20))

    server.fault = on("POST runs/create", flood)

    done = train(**settings(server))

    assert done.returncode == TRACKING_ERROR
    assert "the answer is longer than 16 MB" in done.stderr


def test_uploads_go_over_four_connections_at_most(server, track, tmp_path):
    connections, active, most = set(), [0], [0]
    lock = threading.Lock()

    def watch(handler, request, count):
        with lock:
            connections.add(handler.client_address)
            active[0] += 1
            most[0] = max(most[0], active[0])
        handler.server.released.wait(0.05)
        with lock:
            active[0] -= 1
        return False

    server.fault = watch
    files = {f"{i}.txt": str(i) for i in range(20)}

    done = track({"artifacts": files}, **settings(server))

    assert done.returncode == 0, done.stderr
    assert len(connections) <= 4
    assert most[0] <= 4
    assert {request.path.rpartition("/")[2]: request.body.decode()
            for request in server.requests if request.method == "PUT"} == files
