"""Every middleware around the same application in every framework, over real HTTP."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from websockets.sync.client import connect

HERE = Path(__file__).resolve().parent
# Where upstream's wheel lies, on the path of its own process alone.
UPSTREAM = os.environ.get("UPSTREAM_STARLETTE", "")
FRAMEWORKS = ["blacksheep", "django", "falcon", "fastapi", "litestar", "quart", "raw"]
LAYERS = [
    "authentication",
    "base",
    "body_limit",
    "compression",
    "cors",
    "errors",
    "exceptions",
    "gzip",
    "httpsredirect",
    "opentelemetry",
    "sessions",
    "trustedhost",
    "all",
]
ORIGIN = "https://example.org"


@pytest.fixture(scope="module", params=[*FRAMEWORKS, "upstream"])
def framework(request: pytest.FixtureRequest) -> str:
    if request.param == "upstream" and not UPSTREAM:
        pytest.skip("UPSTREAM_STARLETTE does not say where upstream's wheel is")
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def url(framework: str) -> Iterator[str]:
    """The base URL of a process that serves the framework's application."""
    environment = dict(os.environ)
    if framework == "upstream":
        environment["PYTHONPATH"] = UPSTREAM
    with socket.create_server(("127.0.0.1", 0)) as listener:  # who connects too early waits here
        process = subprocess.Popen(
            [sys.executable, str(HERE / "server.py"), framework, str(listener.fileno())],
            pass_fds=[listener.fileno()],
            env=environment,
        )
        base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    try:
        yield base_url
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture
def client(url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url, timeout=60) as client:
        yield client


def through(layer: str, **headers: str) -> dict[str, str]:
    """The headers of a request that goes through this layer."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return {"x-layer": layer, "accept-encoding": "gzip"} | named


@pytest.mark.parametrize("layer", LAYERS)
def test_response_arrives_whole(client: httpx.Client, layer: str) -> None:
    response = client.get("/text", headers=through(layer))

    assert (response.status_code, response.text) == (200, "hello")
    assert response.headers["content-type"].startswith("text/plain")
    # What Quart sends is a stream of one chunk, which is compressed whatever its size.
    if "content-encoding" not in response.headers:
        assert response.headers.get_list("content-length") == ["5"]


@pytest.mark.parametrize("layer", LAYERS)
def test_large_response_has_one_right_content_length(
    client: httpx.Client, framework: str, layer: str
) -> None:
    with client.stream("GET", "/large", headers=through(layer, origin=ORIGIN)) as response:
        raw = b"".join(response.iter_raw())

    compressed = layer in ("gzip", "compression", "all")
    if not (framework == "quart" and compressed):  # a stream, again
        assert response.headers.get_list("content-length") == [str(len(raw))]
    assert response.headers.get("content-encoding") == ("gzip" if compressed else None)
    assert response.headers["etag"] == ('W/"large"' if compressed else '"large"')
    assert (len(raw) < 1000) is compressed


@pytest.mark.parametrize("coding", ["zstd", "br", "gzip"])
def test_large_response_in_every_coding(client: httpx.Client, coding: str) -> None:
    headers = through("compression", accept_encoding=coding)
    response = client.get("/large", headers=headers)

    assert response.headers["content-encoding"] == coding
    assert response.text == "0123456789" * 1000


@pytest.mark.parametrize("layer", LAYERS)
def test_head_has_no_body(client: httpx.Client, framework: str, layer: str) -> None:
    response = client.head("/large", headers=through(layer))

    assert response.content == b""
    if response.status_code == 200 and layer in ("gzip", "compression", "all"):
        assert response.headers["vary"] == "Accept-Encoding" or layer == "all"
        assert response.headers.get("content-length") != "10000"


@pytest.mark.parametrize("layer", LAYERS)
def test_stream_arrives_whole(client: httpx.Client, layer: str) -> None:
    response = client.get("/stream", headers=through(layer))

    assert (response.status_code, response.text) == (200, "one two three")


@pytest.mark.parametrize("layer", LAYERS)
def test_request_body_arrives_whole(client: httpx.Client, layer: str) -> None:
    body = b"0123456789" * 20_000
    response = client.post("/echo", content=body, headers=through(layer))

    assert (response.status_code, response.content) == (200, body)


@pytest.mark.parametrize("layer", ["body_limit", "all"])
def test_request_body_over_the_limit_is_413(client: httpx.Client, layer: str) -> None:
    response = client.post("/echo", content=b"x" * 300_001, headers=through(layer))

    assert response.status_code == 413
    assert "Content Too Large" in response.text


@pytest.mark.parametrize("layer", LAYERS)
def test_vary_and_cookies_of_the_application_are_kept(client: httpx.Client, layer: str) -> None:
    response = client.get("/varying", headers=through(layer, origin=ORIGIN))
    [vary] = response.headers.get_list("vary")

    assert vary.split(", ")[0] == "Accept"
    assert response.headers["set-cookie"].startswith("a=b")
    assert ("Origin" in vary) is (layer in ("cors", "all"))
    assert ("Accept-Encoding" in vary) is (layer in ("gzip", "compression", "all"))


@pytest.mark.parametrize("layer", ["cors", "all"])
def test_cors(client: httpx.Client, layer: str) -> None:
    simple = client.get("/text", headers=through(layer, origin=ORIGIN))
    preflight = client.options(
        "/text", headers=through(layer, origin=ORIGIN, access_control_request_method="GET")
    )

    assert simple.headers["access-control-allow-origin"] == ORIGIN
    assert simple.headers["access-control-allow-credentials"] == "true"
    assert (preflight.status_code, preflight.text) == (200, "OK")


@pytest.mark.parametrize("layer", ["sessions", "all"])
def test_session(client: httpx.Client, layer: str) -> None:
    def count() -> int:
        return int(client.get("/session", headers=through(layer)).json()["count"])

    assert [count(), count(), count()] == [1, 2, 3]
    assert client.get("/session/replaced", headers=through(layer)).text == "replaced"
    assert count() == 101
    assert client.get("/session/cleared", headers=through(layer)).text == "cleared"
    assert count() == 1


@pytest.mark.parametrize("layer", ["authentication", "all"])
def test_authentication(client: httpx.Client, layer: str) -> None:
    assert client.get("/user", headers=through(layer, x_token="ada")).text == "ada"
    assert client.get("/user", headers=through(layer, x_token="wrong")).status_code == 400


@pytest.mark.parametrize("layer", ["trustedhost", "all"])
def test_foreign_host_is_refused(client: httpx.Client, layer: str) -> None:
    response = client.get("/text", headers=through(layer, host="evil.example"))

    assert (response.status_code, response.text) == (400, "Invalid host header")


def test_redirect_to_https(client: httpx.Client, url: str) -> None:
    response = client.get("/text?a=b", headers=through("redirecting"))

    assert response.status_code == 307
    assert response.headers["location"] == f"{url}/text?a=b".replace("http:", "https:")


@pytest.mark.parametrize("layer", ["base", "all"])
def test_dispatch_function_sees_the_response(client: httpx.Client, layer: str) -> None:
    assert client.get("/stream", headers=through(layer)).headers["x-base"] == "seen"


@pytest.mark.parametrize("layer", LAYERS)
def test_error_is_500(client: httpx.Client, layer: str) -> None:
    assert client.get("/error", headers=through(layer)).status_code == 500


@pytest.mark.parametrize("layer", LAYERS)
def test_missing_page_is_404(client: httpx.Client, layer: str) -> None:
    assert client.get("/no/such/page", headers=through(layer)).status_code == 404


def test_lifespan_goes_through_all_layers(client: httpx.Client, framework: str) -> None:
    if framework == "django":
        pytest.skip("Django has no lifespan")

    assert client.get("/started", headers=through("all")).text == "yes"


@pytest.mark.parametrize("layer", LAYERS)
def test_websocket(url: str, framework: str, layer: str) -> None:
    if framework == "django":
        pytest.skip("Django has no websockets")
    address = url.replace("http:", "ws:") + "/socket"
    with connect(address, additional_headers=through(layer)) as websocket:
        websocket.send("hello")
        assert websocket.recv(timeout=10) == "hello"
