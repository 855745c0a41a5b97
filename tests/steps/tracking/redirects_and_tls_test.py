"""Where a training's tracking goes: redirects, other hosts, certificates; and who gets the login.

conftest.train sees to it that the model is there however the tracking went, and Step that no
secret was printed.
"""

import pytest
from fake_mlflow import TOKEN, TRACKING_ERROR, FakeMlflow, make_certificate, settings, status


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_redirect_on_the_same_host_keeps_method_body_and_login(server, train, code):
    def redirect(handler, request, count):
        if request.path.startswith("/moved/"):
            request.path = request.path.removeprefix("/moved")
            return handler.send(*handler.server.ordinary_answer(request))
        return handler.send(code, b"", "text/plain", Location="/moved" + handler.path)

    server.fault = redirect

    done = train(**settings(server))

    assert done.returncode == 0, done.stderr
    creations = server.named("POST runs/create")
    assert [request.method for request in creations] == ["POST", "POST"]
    assert creations[0].body == creations[1].body
    assert creations[1].headers["Authorization"] == f"Bearer {TOKEN}"


def test_another_host_gets_no_login(server, train):
    with FakeMlflow() as other:
        other.fault = status(401, b"", "text/plain")
        server.fault = lambda handler, request, count: handler.send(
            307, b"", "text/plain", Location=other.url + handler.path)

        done = train(**settings(server))

        assert done.returncode == TRACKING_ERROR
        assert [request.headers["Authorization"] for request in other.requests] == [None]
        assert f"(redirected to {other.url}" in done.stderr
        assert f"credentials are sent to {server.url} only" in done.stderr


def test_redirects_end(server, train):
    server.fault = lambda handler, *_: handler.send(302, b"", "text/plain", Location=handler.path)

    done = train(**settings(server))

    assert done.returncode == TRACKING_ERROR
    assert "more than 10 times" in done.stderr
    assert "set MLFLOW_TRACKING_URI to the server's own address" in done.stderr


@pytest.mark.parametrize("place", ["ftp://127.0.0.1/", "file:///etc/passwd"])
def test_redirects_to_what_is_no_web_address(server, train, place):
    server.fault = status(302, b"", "text/plain", Location=place)

    done = train(**settings(server))

    assert done.returncode == TRACKING_ERROR
    assert "HTTP 302" in done.stderr


def test_https_does_not_become_http(server, train, certificate):
    with FakeMlflow(certificate) as safe:
        safe.fault = lambda handler, *_: handler.send(307, b"", "text/plain",
                                                      Location=server.url + handler.path)

        done = train(**settings(safe, MLFLOW_TRACKING_SERVER_CERT_PATH=str(certificate)))

        assert done.returncode == TRACKING_ERROR
        assert "not encrypted" in done.stderr
        assert not server.requests


def test_https_with_the_servers_certificate(train, certificate):
    with FakeMlflow(certificate) as safe:
        done = train(**settings(safe, MLFLOW_TRACKING_SERVER_CERT_PATH=str(certificate)))

        assert done.returncode == 0, done.stderr
        assert safe.statuses() == ["FINISHED"]


def test_https_without_looking_at_the_certificate(train, certificate):
    with FakeMlflow(certificate) as safe:
        done = train(**settings(safe, MLFLOW_TRACKING_INSECURE_TLS="true"))

        assert done.returncode == 0, done.stderr


def test_a_certificate_that_nobody_vouches_for(train, certificate):
    with FakeMlflow(certificate) as safe:
        done = train(**settings(safe))

        assert done.returncode == TRACKING_ERROR
        assert "certificate" in done.stderr
        assert "set MLFLOW_TRACKING_SERVER_CERT_PATH" in done.stderr
        assert not safe.requests
        assert "attempts" not in done.stderr


def test_a_certificate_of_another_host(train, tmp_path):
    other = make_certificate(tmp_path, name="mlflow.example")
    with FakeMlflow(other) as safe:
        done = train(**settings(safe, MLFLOW_TRACKING_SERVER_CERT_PATH=str(other)))

        assert done.returncode == TRACKING_ERROR
        assert "127.0.0.1" in done.stderr.partition("runs/create: ")[2]
        assert not safe.requests


def test_https_to_a_server_that_speaks_http(server, train):
    done = train(MLFLOW_TRACKING_URI=server.url.replace("http:", "https:"))

    assert done.returncode == TRACKING_ERROR
    assert "does the server speak http://" in done.stderr
