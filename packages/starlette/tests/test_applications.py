"""The application: its attributes, its stack, what it answers."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from starlette.applications import Starlette
from starlette.exceptions import HTTPException, WebSocketException
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Host, Mount, NoMatchFound, Route, Router, WebSocketRoute
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect


async def hello(request: Request) -> Response:
    return PlainTextResponse("hello")


async def fail(request: Request) -> Response:
    raise ValueError("boom")


async def get(app: ASGIApp, url: str = "/", method: str = "GET", **options: Any) -> httpx.Response:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://example.org") as client:
        return await client.request(method, url, **options)


class Tag:
    """A layer that notes its name in the scope when a request passes."""

    def __init__(self, app: ASGIApp, name: str) -> None:
        self.app = app
        self.name = name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("tags", []).append(self.name)
        await self.app(scope, receive, send)


async def tags(request: Request) -> Response:
    return JSONResponse(request.scope["tags"])


# Attributes


def test_a_tuple_given_as_middleware_is_kept_as_a_record() -> None:
    app = Starlette(middleware=[(Tag, ("a",), {})])
    assert [(layer.cls, layer.args, layer.kwargs) for layer in app.user_middleware] == [
        (Tag, ("a",), {})
    ]


def test_what_was_given_is_kept_as_plain_attributes() -> None:
    record = Middleware(Tag, "a")
    handlers: dict[Any, Any] = {404: fail}
    app = Starlette(debug=True, middleware=[record], exception_handlers=handlers, max_body_size=5)
    assert (app.debug, app.max_body_size) == (True, 5)
    assert app.user_middleware == [record]
    handler: Any = fail
    assert app.exception_handlers == {404: handler}
    assert app.middleware_stack is None
    assert isinstance(app.router, Router)
    assert len(app.state) == 0


def test_the_routes_are_the_routers_own_list() -> None:
    app = Starlette(routes=[Route("/", hello)])
    assert app.routes is app.router.routes
    assert [route.path for route in app.routes if isinstance(route, Route)] == ["/"]


async def test_a_route_appended_later_is_served() -> None:
    app = Starlette()
    assert (await get(app)).status_code == 404
    app.routes.append(Route("/", hello))
    assert (await get(app)).text == "hello"


def test_mount_host_and_add_route_append_routes() -> None:
    app = Starlette()
    app.mount("/mount", hello, name="m")  # type: ignore[arg-type]
    app.host("example.org", hello, name="h")  # type: ignore[arg-type]
    app.add_route("/route", hello, methods=["POST"], name="r", include_in_schema=False)
    mount, host, route = app.routes
    assert isinstance(mount, Mount)
    assert isinstance(host, Host)
    assert isinstance(route, Route)
    assert (mount.path, host.host, route.path) == ("/mount", "example.org", "/route")
    assert (route.methods, route.include_in_schema) == ({"POST"}, False)


def test_url_path_for_asks_the_router() -> None:
    app = Starlette(routes=[Route("/users/{name}", hello, name="user")])
    assert app.url_path_for("user", name="x") == "/users/x"
    with pytest.raises(NoMatchFound):
        app.url_path_for("user")


def test_an_application_takes_attributes_and_subclasses() -> None:
    class Mine(Starlette):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.extra = 1

    assert Mine(routes=[]).extra == 1


# The stack


def layers(app: Any) -> list[type]:
    found = []
    while hasattr(app, "app") and not isinstance(app, Router):
        found.append(type(app))
        app = app.app
    return [*found, type(app)]


def test_the_stack_is_errors_then_exceptions_then_the_router() -> None:
    stack = Starlette().build_middleware_stack()
    assert layers(stack) == [ServerErrorMiddleware, ExceptionMiddleware, Router]


def test_the_body_limit_and_the_users_layers_stand_between_them_in_order() -> None:
    app = Starlette(middleware=[Middleware(Tag, "a"), (Tag, ("b",), {})], max_body_size=10)
    assert layers(app.build_middleware_stack()) == [
        ServerErrorMiddleware,
        RequestBodyLimitMiddleware,
        Tag,
        Tag,
        ExceptionMiddleware,
        Router,
    ]


async def test_the_first_layer_listed_is_the_outermost() -> None:
    app = Starlette([], [Route("/", tags)], [Middleware(Tag, "a"), Middleware(Tag, "b")])  # type: ignore[arg-type]
    assert (await get(app)).json() == ["a", "b"]


async def test_a_layer_added_later_goes_around_those_there_are() -> None:
    app = Starlette(routes=[Route("/", tags)], middleware=[Middleware(Tag, "a")])
    app.add_middleware(Tag, name="b")
    assert (await get(app)).json() == ["b", "a"]


async def test_the_stack_is_built_once_at_the_first_call_of_any_type() -> None:
    built = []

    class Counting(Starlette):
        def build_middleware_stack(self) -> ASGIApp:
            built.append(self)
            return super().build_middleware_stack()

    app = Counting(routes=[Route("/", hello)])
    with TestClient(app):
        assert built == [app]
    await get(app)
    assert built == [app]


async def test_setting_the_stack_to_none_builds_it_again() -> None:
    app = Starlette(routes=[Route("/", tags)], middleware=[Middleware(Tag, "a")])
    await get(app)
    app.user_middleware.clear()
    app.user_middleware.append(Middleware(Tag, "b"))
    assert (await get(app)).json() == ["a"]
    app.middleware_stack = None
    assert (await get(app)).json() == ["b"]


async def test_a_layer_cannot_be_added_after_the_first_request() -> None:
    app = Starlette()
    await get(app)
    with pytest.raises(
        RuntimeError, match="^Cannot add middleware after an application has started$"
    ):
        app.add_middleware(Tag, "a")


async def test_an_instance_may_shadow_build_middleware_stack() -> None:
    app = Starlette(routes=[Route("/", hello)])
    app.build_middleware_stack = lambda: PlainTextResponse("mine")  # type: ignore[method-assign]
    assert (await get(app)).text == "mine"


async def test_every_connection_sees_the_application_in_its_scope() -> None:
    seen = []

    async def endpoint(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append((scope["type"], scope["app"]))

    inner = Starlette(routes=[Mount("/", endpoint)])
    outer = Starlette(routes=[Mount("/inner", inner), Mount("/", endpoint)])

    async def unused(*messages: Message) -> Any:
        raise AssertionError

    for scope_type in ("http", "websocket"):
        for path in ("/inner/x", "/x"):
            scope: Scope = {"type": scope_type, "path": path, "headers": [], "method": "GET"}
            await outer(scope, unused, unused)
    assert seen == [("http", inner), ("http", outer), ("websocket", inner), ("websocket", outer)]


# Errors


async def test_an_unhandled_error_is_a_plain_500_and_raised_again() -> None:
    app = Starlette(routes=[Route("/", fail)])
    response = await get(app)
    assert (response.status_code, response.text) == (500, "Internal Server Error")
    with pytest.raises(ValueError, match="boom"):
        TestClient(app).get("/")


@pytest.mark.parametrize("key", [500, Exception])
async def test_the_handler_for_500_or_exception_answers_what_nothing_else_handled(
    key: int | type[Exception],
) -> None:
    async def handler(request: Request, exc: Exception) -> Response:
        return PlainTextResponse(f"handled {exc}", 500)

    app = Starlette(routes=[Route("/", fail)], exception_handlers={key: handler})
    assert (await get(app)).text == "handled boom"


async def test_a_500_handler_does_not_see_a_raised_http_exception_500() -> None:
    def handler(request: Request, exc: Exception) -> Response:
        return PlainTextResponse("handled", 500)

    async def raise_500(request: Request) -> Response:
        raise HTTPException(500)

    app = Starlette(routes=[Route("/", raise_500)], exception_handlers={500: handler})
    assert (await get(app)).text == "Internal Server Error"


async def test_of_two_handlers_for_errors_the_later_wins() -> None:
    def first(request: Request, exc: Exception) -> Response:
        return PlainTextResponse("first", 500)

    def second(request: Request, exc: Exception) -> Response:
        return PlainTextResponse("second", 500)

    app = Starlette(routes=[Route("/", fail)], exception_handlers={Exception: first, 500: second})
    assert (await get(app)).text == "second"


async def test_in_debug_the_traceback_wins_over_a_500_handler() -> None:
    def handler(request: Request, exc: Exception) -> Response:
        return PlainTextResponse("handled", 500)

    app = Starlette(debug=True, routes=[Route("/", fail)], exception_handlers={500: handler})
    response = await get(app)
    assert response.status_code == 500
    assert "ValueError: boom" in response.text


@pytest.mark.parametrize("sync", [True, False], ids=["sync", "async"])
async def test_a_handler_for_a_class_answers_its_subclasses(sync: bool) -> None:
    def plain(request: Request, exc: Exception) -> Response:
        return PlainTextResponse(f"{request.url.path} {exc}", 418)

    async def coroutine(request: Request, exc: Exception) -> Response:
        return plain(request, exc)

    async def endpoint(request: Request) -> Response:
        raise KeyError("a")

    app = Starlette(routes=[Route("/x", endpoint)])
    app.add_exception_handler(LookupError, plain if sync else coroutine)
    response = await get(app, "/x")
    assert (response.status_code, response.text) == (418, "/x 'a'")


async def test_a_handler_for_a_status_comes_before_the_one_for_its_class() -> None:
    def by_status(request: Request, exc: Exception) -> Response:
        return PlainTextResponse("by status", 404)

    def by_class(request: Request, exc: Exception) -> Response:
        return PlainTextResponse("by class", 405)

    app = Starlette(
        routes=[Route("/", hello)], exception_handlers={404: by_status, HTTPException: by_class}
    )
    assert (await get(app, "/nothing")).text == "by status"
    assert (await get(app, "/", "POST")).text == "by class"


async def test_a_handler_added_after_the_first_request_has_no_effect() -> None:
    def handler(request: Request, exc: Exception) -> Response:
        return PlainTextResponse("handled", 404)

    app = Starlette()
    await get(app)
    app.add_exception_handler(404, handler)
    assert (await get(app)).text == "Not Found"


async def test_an_http_exception_is_answered_with_its_detail_and_headers() -> None:
    async def endpoint(request: Request) -> Response:
        raise HTTPException(402, "Pay", {"x-price": "3"})

    response = await get(Starlette(routes=[Route("/", endpoint)]))
    assert (response.status_code, response.text) == (402, "Pay")
    assert response.headers["x-price"] == "3"


async def test_404_and_405_are_plain_text() -> None:
    app = Starlette(routes=[Route("/", hello)])
    missing, refused = await get(app, "/nothing"), await get(app, "/", "POST")
    assert (missing.status_code, missing.text) == (404, "Not Found")
    assert (refused.status_code, refused.text) == (405, "Method Not Allowed")
    assert refused.headers["allow"] == "GET, HEAD"
    assert missing.headers["content-type"] == "text/plain; charset=utf-8"


@pytest.mark.parametrize("inside", [False, True], ids=["outside", "inside"])
async def test_errors_made_inside_the_middleware_carry_its_headers(inside: bool) -> None:
    handled = []

    def handler(request: Request, exc: Exception) -> Response:
        handled.append(exc)
        return PlainTextResponse("handled", 500)

    app = Starlette(
        routes=[Route("/", fail)],
        middleware=[Middleware(CORSMiddleware, allow_origins=["*"])],
        exception_handlers={500: handler},
        errors_inside_middleware=inside,
    )
    response = await get(app, headers={"origin": "https://example.com"})
    assert (response.status_code, response.text) == (500, "handled")
    assert ("access-control-allow-origin" in response.headers) is inside
    assert len(handled) == 1


async def test_errors_of_the_middleware_itself_are_answered_as_well() -> None:
    def broken(app: ASGIApp) -> ASGIApp:
        async def broken(scope: Scope, receive: Receive, send: Send) -> None:
            raise ValueError("layer")

        return broken

    app = Starlette(middleware=[Middleware(broken)], errors_inside_middleware=True)
    assert (await get(app)).text == "Internal Server Error"


# Websockets


async def refuse(websocket: WebSocket) -> None:
    raise WebSocketException(1008, "no")


def test_a_websocket_exception_closes_with_its_code() -> None:
    client = TestClient(Starlette(routes=[WebSocketRoute("/", refuse)]))
    with pytest.raises(WebSocketDisconnect) as closed, client.websocket_connect("/"):
        pass
    assert (closed.value.code, closed.value.reason) == (1008, "no")


class OwnSend:
    """A layer that gives the application a `send` of its own."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def pass_on(message: Message) -> None:
            await send(message)

        await self.app(scope, receive, pass_on)


@pytest.mark.parametrize("middleware", [[], [Middleware(OwnSend)]], ids=["alone", "in a layer"])
def test_an_http_exception_after_accept_closes_the_websocket(
    middleware: list[Middleware],
) -> None:
    async def accept_first(websocket: WebSocket) -> None:
        await websocket.accept()
        raise HTTPException(403)

    app = Starlette(routes=[WebSocketRoute("/", accept_first, middleware=middleware)])
    with TestClient(app).websocket_connect("/") as session:
        assert session.receive() == {"type": "websocket.close", "code": 1008, "reason": ""}


def test_a_websocket_without_a_route_is_closed() -> None:
    with (
        pytest.raises(WebSocketDisconnect) as closed,
        TestClient(Starlette()).websocket_connect("/"),
    ):
        pass
    assert closed.value.code == 1000


def test_a_handler_gets_the_websocket() -> None:
    async def handler(websocket: WebSocket, exc: Exception) -> None:
        await websocket.close(3000, str(exc))

    async def endpoint(websocket: WebSocket) -> None:
        raise ValueError("boom")

    app = Starlette(
        routes=[WebSocketRoute("/", endpoint)], exception_handlers={ValueError: handler}
    )
    with pytest.raises(WebSocketDisconnect) as closed, TestClient(app).websocket_connect("/"):
        pass
    assert (closed.value.code, closed.value.reason) == (3000, "boom")


# Lifespan


def test_what_the_lifespan_yields_is_the_state_of_every_request() -> None:
    events = []

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[dict[str, int]]:
        events.append("startup")
        yield {"answer": 42}
        events.append("shutdown")

    async def endpoint(request: Request) -> Response:
        return JSONResponse([request.state.answer, request.state["answer"]])

    app = Starlette(routes=[Route("/", endpoint)], lifespan=lifespan)
    with TestClient(app) as client:
        assert client.get("/").json() == [42, 42]
        assert events == ["startup"]
    assert events == ["startup", "shutdown"]


def test_startup_and_shutdown_callables_stand_around_the_lifespan() -> None:
    events = []

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        events.append("enter")
        yield
        events.append("exit")

    def note(event: str) -> Callable[[], None]:
        return lambda: events.append(event)

    async def asynchronous() -> None:
        events.append("async")

    app = Starlette(
        lifespan=lifespan,
        on_startup=[note("up 1"), asynchronous],
        on_shutdown=[note("down 1"), note("down 2")],
    )
    with TestClient(app):
        assert events == ["up 1", "async", "enter"]
    assert events == ["up 1", "async", "enter", "exit", "down 1", "down 2"]


def test_the_lifespan_context_is_read_at_startup() -> None:
    entered = []

    @asynccontextmanager
    async def replacement(app: Starlette) -> AsyncIterator[None]:
        entered.append(app)
        yield

    app = Starlette()
    app.router.lifespan_context = replacement
    with TestClient(app):
        assert entered == [app]


@pytest.mark.parametrize("add", ["mount", "host"])
def test_the_lifespan_of_an_application_that_is_added_runs_where_it_is_asked_for(add: str) -> None:
    events = []

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        events.append("up")
        yield
        events.append("down")

    app = Starlette()
    place = "/inner" if add == "mount" else "inner.example.org"
    getattr(app, add)(place, Starlette(lifespan=lifespan), lifespan=True)
    with TestClient(app):
        assert events == ["up"]
    assert events == ["up", "down"]


# Limits


async def read(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


async def test_a_body_over_the_limit_is_413() -> None:
    app = Starlette(routes=[Route("/", read, methods=["POST"])], max_body_size=5)
    assert (await get(app, "/", "POST", content=b"12345")).text == "5"
    response = await get(app, "/", "POST", content=b"123456")
    assert (response.status_code, response.text) == (413, "Content Too Large")


async def test_zero_is_a_limit() -> None:
    app = Starlette(routes=[Route("/", read, methods=["POST"])], max_body_size=0)
    assert (await get(app, "/", "POST", content=b"1")).status_code == 413


async def test_a_limit_nearer_to_the_endpoint_replaces_the_applications() -> None:
    route = Route("/", read, methods=["POST"], max_body_size=100)
    app = Starlette(routes=[route], max_body_size=5)
    assert (await get(app, "/", "POST", content=b"x" * 50)).text == "50"
    assert (await get(app, "/", "POST", content=b"x" * 101)).status_code == 413


async def test_a_client_that_leaves_before_a_layer_is_no_error() -> None:
    async def reading(request: Request, call_next: RequestResponseEndpoint) -> Response:
        await request.body()
        return await call_next(request)

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        raise AssertionError(f"{message} was sent to nobody")

    layer = Middleware(BaseHTTPMiddleware, dispatch=reading)
    app = Starlette(routes=[Route("/", hello)], middleware=[layer])
    scope = {"type": "http", "method": "GET", "path": "/", "headers": [], "query_string": b""}
    await app(scope, receive, send)
