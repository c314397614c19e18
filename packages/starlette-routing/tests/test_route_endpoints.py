"""What a route calls: endpoints of every kind, their layers, and the exceptions they raise."""

import functools
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from starlette_http.background import BackgroundTask
from starlette_http.requests import Request
from starlette_http.responses import PlainTextResponse, Response
from starlette_http.types import ASGIApp, Receive, Scope, Send
from starlette_routing.endpoints import HTTPEndpoint
from starlette_routing.routing import Route, WebSocketRoute
from starlette_websockets.websockets import WebSocket

Fetch = Callable[..., Awaitable[Any]]


async def show(request: Request) -> Response:
    return PlainTextResponse("shown")


def show_in_a_thread(request: Request) -> Response:
    return PlainTextResponse("threaded")


async def session(websocket: WebSocket) -> None:
    await websocket.accept(subprotocol=f"{websocket.path_params}")


class Endpoint:
    """An ASGI application as an object."""

    async def get(self, request: Request) -> Response:
        return PlainTextResponse("bound")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("object")(scope, receive, send)


@pytest.mark.parametrize(
    ("endpoint", "text"),
    [
        (show, "shown"),
        (show_in_a_thread, "threaded"),
        (Endpoint().get, "bound"),
        (functools.partial(show), "shown"),
        (Endpoint(), "object"),
        (PlainTextResponse("response"), "response"),
    ],
)
async def test_an_endpoint_of_every_kind_answers(fetch: Fetch, endpoint: Any, text: str) -> None:
    assert (await fetch(Route("/", endpoint), "/")).text == text


class TakesARequest:
    def __call__(self, request: Request) -> Response:
        raise AssertionError("never called")


class TakesAScope:
    def __init__(self, scope: Scope) -> None:
        raise AssertionError("never called")


@pytest.mark.parametrize("endpoint", [TakesARequest(), TakesAScope, 5])
@pytest.mark.parametrize("kind", [Route, WebSocketRoute])
def test_an_endpoint_that_is_no_application_is_named(kind: Any, endpoint: Any) -> None:
    with pytest.raises(TypeError) as caught:
        kind("/", endpoint)
    assert str(caught.value) == (
        f"Endpoint {endpoint!r} cannot be called as an ASGI application, with (scope, receive, "
        "send); give a function or method that takes the request, or such an application"
    )


def test_an_endpoint_that_does_not_tell_its_signature_is_believed() -> None:
    endpoint: Any = type
    assert Route("/", endpoint).app is endpoint


@pytest.mark.parametrize("value", [None, {"a": 1}])
async def test_an_endpoint_that_returns_no_response_is_named(fetch: Fetch, value: Any) -> None:
    async def broken(request: Request) -> Response:
        return value  # type: ignore[no-any-return]

    with pytest.raises(TypeError) as caught:
        await fetch(Route("/", broken), "/")
    assert str(caught.value) == f"Endpoint {broken!r} returned {value!r}, which is no response"


async def test_the_background_task_of_a_response_runs_after_it(fetch: Fetch) -> None:
    async def note() -> None:
        noted.append("done")

    async def endpoint(request: Request) -> Response:
        return PlainTextResponse("text", background=BackgroundTask(note))

    noted: list[str] = []
    assert (await fetch(Route("/", endpoint), "/")).text == "text"
    assert noted == ["done"]


async def test_a_websocket_endpoint_that_is_not_async_is_named(channel: Any) -> None:
    def broken(websocket: WebSocket) -> None:
        pass

    connection = channel({"type": "websocket.connect"})
    route = WebSocketRoute("/", broken)
    with pytest.raises(TypeError) as caught:
        await route({"type": "websocket", "path": "/"}, connection.receive, connection.send)
    assert str(caught.value) == (
        f"Websocket endpoint {broken!r} is not async: declare it `async def`"
    )


async def test_a_websocket_endpoint_answers(channel: Any) -> None:
    connection = channel({"type": "websocket.connect"})
    websocket = {"type": "websocket", "path": "/7", "headers": []}
    await WebSocketRoute("/{x:int}", session)(websocket, connection.receive, connection.send)
    assert connection.sent == [
        {"type": "websocket.accept", "subprotocol": "{'x': 7}", "headers": []}
    ]


async def test_middleware_goes_around_the_endpoint_the_first_outermost(fetch: Fetch) -> None:
    def layer(app: ASGIApp, name: str, *, mark: str = "") -> ASGIApp:
        async def layered(scope: Scope, receive: Receive, send: Send) -> None:
            seen.append(name + mark)
            await app(scope, receive, send)

        return layered

    seen: list[str] = []
    route = Route(
        "/", show, middleware=[(layer, ("outer",), {}), (layer, ("inner",), {"mark": "!"})]
    )
    await fetch(route, "/")
    assert seen == ["outer", "inner!"]


@pytest.mark.parametrize(("limit", "status"), [(0, 413), (4, 413), (5, 200), (None, 200)])
async def test_the_body_limit_of_a_route(channel: Any, limit: int | None, status: int) -> None:
    async def read(request: Request) -> Response:
        return Response(await request.body())

    connection = channel({"type": "http.request", "body": b"12345", "more_body": False})
    route = Route("/", read, methods=["POST"], max_body_size=limit)
    scope = {"type": "http", "method": "POST", "path": "/", "headers": []}
    await route(scope, connection.receive, connection.send)
    assert connection.sent[0]["status"] == status


# Exceptions -----------------------------------------------------------------------------------


def handlers(by_class: dict[type[Exception], Any]) -> dict[str, Any]:
    return {"starlette.exception_handlers": (by_class, {})}


@pytest.mark.parametrize("raising", ["async", "thread"])
async def test_exceptions_go_to_the_handlers_of_the_application(fetch: Fetch, raising: str) -> None:
    async def fail(request: Request) -> Response:
        raise LookupError("lost")

    def fail_in_a_thread(request: Request) -> Response:
        raise LookupError("lost")

    async def handler(request: Request, exc: Exception) -> Response:
        return PlainTextResponse(f"handled {exc}", 404)

    endpoint = fail if raising == "async" else fail_in_a_thread
    answer = await fetch(Route("/", endpoint), "/", **handlers({LookupError: handler}))
    assert (answer.status, answer.text) == (404, "handled lost")


async def test_exceptions_without_a_handler_pass(fetch: Fetch) -> None:
    async def fail(request: Request) -> Response:
        raise LookupError("lost")

    with pytest.raises(LookupError, match="lost"):
        await fetch(Route("/", fail), "/")


async def test_an_exception_after_the_start_is_not_answered(fetch: Fetch) -> None:
    async def start_and_fail(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise LookupError("lost")

    async def endpoint(request: Request) -> Any:
        return start_and_fail

    async def handler(request: Request, exc: Exception) -> Response:
        raise AssertionError("never called")

    with pytest.raises(RuntimeError) as caught:
        await fetch(Route("/", endpoint), "/", **handlers({LookupError: handler}))
    assert str(caught.value) == "Caught handled exception, but response already started."


async def test_exceptions_of_a_websocket_go_to_their_handlers(channel: Any) -> None:
    async def fail(websocket: WebSocket) -> None:
        raise LookupError("lost")

    async def handler(websocket: WebSocket, exc: Exception) -> None:
        await websocket.close(4000, str(exc))

    connection = channel({"type": "websocket.connect"})
    websocket = {"type": "websocket", "path": "/", **handlers({LookupError: handler})}
    await WebSocketRoute("/", fail)(websocket, connection.receive, connection.send)
    assert connection.sent == [{"type": "websocket.close", "code": 4000, "reason": "lost"}]


async def upload(request: Request) -> Response:
    file: Any = (await request.form())["file"]
    request.scope["uploaded"] = file
    return PlainTextResponse(file.filename)


class Upload(HTTPEndpoint):
    async def post(self, request: Request) -> Response:
        return await upload(request)


@pytest.mark.parametrize("endpoint", [upload, Upload])
async def test_the_files_of_a_form_are_closed_when_the_request_ends(
    channel: Any, endpoint: Any
) -> None:
    pytest.importorskip("python_multipart")
    body = (
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
        b"text\r\n--b--\r\n"
    )
    connection = channel({"type": "http.request", "body": body})
    headers = [(b"content-type", b"multipart/form-data; boundary=b")]
    scope: Scope = {"type": "http", "method": "POST", "path": "/", "headers": headers}
    route = Route("/", endpoint, methods=["POST"])
    await route(scope, connection.receive, connection.send)
    assert connection.body == b"a.txt"
    assert scope["uploaded"].file.closed
