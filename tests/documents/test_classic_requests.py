"""The classic document, "Requests"."""

import inspect
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from starlette import Request, Response, TestClient

Example = Callable[..., dict[str, Any]]
Serve = Callable[..., str]

SCOPE = {
    "type": "http",
    "method": "POST",
    "scheme": "https",
    "path": "/users/7",
    "query_string": b"abc=1&abc=2&d=3",
    "headers": [
        (b"host", b"example.org:8443"),
        (b"content-type", b"application/json"),
        (b"accept", b"text/html"),
        (b"accept", b"text/plain"),
    ],
}


def answer(examine: Callable[[Request], Any], body: bytes = b"") -> Any:
    """What `await examine(request)` gives for a request with this body."""
    given: list[Any] = []

    class App:
        def __init__(self, scope: Any) -> None:
            self.scope = scope

        async def __call__(self, receive: Any, send: Any) -> None:
            given.append(await examine(Request(self.scope, receive)))
            await Response("")(receive, send)

    TestClient(App).post("/", content=body)
    return given[0]


def test_the_signature_of_request_begins_as_documented() -> None:
    parameters = list(inspect.signature(Request).parameters)
    assert parameters[:2] == ["scope", "receive"]
    assert isinstance(Request(SCOPE), Request)


def test_the_example_tells_method_and_path(classic: Example, serve: Serve) -> None:
    app = classic("Request", Request=Request, Response=Response)["App"]
    response = httpx.delete(serve(app) + "/users/7?abc=1")
    assert response.text == "DELETE /users/7"


def test_a_request_is_a_mapping_over_the_scope() -> None:
    request = Request(SCOPE)
    assert request["path"] == "/users/7"
    assert dict(request) == SCOPE
    assert len(request) == len(SCOPE)
    assert "method" in request


async def test_without_a_receive_channel_all_but_the_body_is_there() -> None:
    request = Request(SCOPE)
    assert request.method == "POST"
    assert request.url.path == "/users/7"
    with pytest.raises(RuntimeError, match="Receive channel has not been made available"):
        await request.body()


def test_the_url_is_a_str_with_components() -> None:
    url = Request(SCOPE).url
    assert isinstance(url, str)
    assert url == "https://example.org:8443/users/7?abc=1&abc=2&d=3"
    assert url.startswith("https://")
    assert (url.path, url.port, url.scheme) == ("/users/7", 8443, "https")


def test_headers_are_an_immutable_case_insensitive_multidict() -> None:
    headers: Any = Request(SCOPE).headers
    assert headers["content-type"] == headers["Content-Type"] == "application/json"
    assert headers.getlist("Accept") == ["text/html", "text/plain"]
    with pytest.raises(TypeError):
        headers["content-type"] = "text/plain"


def test_query_parameters_are_an_immutable_multidict() -> None:
    parameters: Any = Request(SCOPE).query_params
    assert parameters["abc"] == "2"
    assert parameters.getlist("abc") == ["1", "2"]
    with pytest.raises(TypeError):
        parameters["abc"] = "3"


# Body


def test_the_body_is_there_as_bytes_and_parsed_as_json() -> None:
    async def both(request: Request) -> Any:
        return await request.body(), await request.json()

    assert answer(both, b'{"hello": "world"}') == (b'{"hello": "world"}', {"hello": "world"})


def test_the_example_gives_back_the_streamed_body(classic: Example, serve: Serve) -> None:
    def chunks() -> Iterator[bytes]:
        yield from [b"one,", b"two,", b"three"]

    app = classic("Body", Request=Request, Response=Response)["App"]
    response = httpx.post(serve(app) + "/", content=chunks())
    assert response.text == "one,two,three"


@pytest.mark.parametrize("method", ["body", "json"])
def test_after_the_stream_body_and_json_raise(method: str) -> None:
    async def stream_first(request: Request) -> Any:
        async for _ in request.stream():
            pass
        with pytest.raises(RuntimeError, match="Stream consumed") as caught:
            await getattr(request, method)()
        return caught.type

    assert answer(stream_first, b"{}") is RuntimeError


async def test_a_streamed_body_is_not_kept_in_memory() -> None:
    chunk, count = 2**20, 64
    left = count

    async def receive() -> dict[str, Any]:
        nonlocal left
        left -= 1
        return {"type": "http.request", "body": bytes(chunk), "more_body": left > 0}

    tracemalloc.start()
    try:
        total = 0
        async for part in Request(SCOPE, receive).stream():
            total += len(part)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert total == chunk * count
    assert peak < 4 * chunk
