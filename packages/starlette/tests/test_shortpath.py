"""The short path: the same as the layers, and left as soon as anything differs."""

import inspect
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Match, Mount, Route, Router
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LAYERS = [ServerErrorMiddleware.__call__, ExceptionMiddleware.__call__, Router.app]


async def get(app: ASGIApp, path: str = "/", method: str = "GET") -> httpx.Response:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://example.org") as client:
        return await client.request(method, path)


async def layers(request: Request) -> Response:
    """Answer with how many of the layers' frames are around the endpoint."""
    codes = [frame.frame.f_code for frame in inspect.stack(0)]
    return JSONResponse(
        [function.__qualname__ for function in LAYERS if function.__code__ in codes]
    )


async def scope_of(request: Request) -> Response:
    keys = ("app", "router", "route", "endpoint", "path_params", "starlette.exception_handlers")
    scopes.append({key: request.scope[key] for key in keys})
    return PlainTextResponse("")


scopes: list[dict[str, Any]] = []


class Through:
    """A layer that does nothing, and so keeps the request from the short path."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


# It is taken


@pytest.mark.parametrize("path", ["/", "/users/1"])
async def test_a_plain_request_passes_through_no_layer(path: str) -> None:
    app = Starlette(routes=[Route("/", layers), Route("/users/{id:int}", layers)])
    assert (await get(app, path)).json() == []


async def test_with_a_layer_of_the_users_the_request_passes_through_what_is_inside_of_it() -> None:
    app = Starlette(routes=[Route("/", layers)], middleware=[Middleware(Through)])
    assert (await get(app)).json() == ["ExceptionMiddleware.__call__"]


async def test_the_scope_is_written_as_by_the_layers() -> None:
    routes = [Route("/users/{id:int}", scope_of)]
    short, long = Starlette(routes=routes), Starlette(routes=routes)
    long.add_middleware(Through)
    scopes.clear()
    for app in (short, long):
        await get(app, "/users/7")
    for app, scope in zip((short, long), scopes, strict=True):
        assert scope["app"] is app
        assert scope["router"] is app.router
        assert scope["route"] is routes[0]
        assert scope["endpoint"] is scope_of
        assert scope["path_params"] == {"id": 7}
        assert scope["starlette.exception_handlers"][0].keys() >= {HTTPException}


async def test_a_mounted_application_keeps_the_outer_router_and_parameters() -> None:
    inner = Starlette(routes=[Route("/x", scope_of)])
    outer = Starlette(routes=[Mount("/{tenant}", inner)])
    scopes.clear()
    await get(outer, "/acme/x")
    assert scopes[0]["router"] is outer.router
    assert scopes[0]["app"] is inner
    assert scopes[0]["path_params"] == {"tenant": "acme"}


# It answers as the layers do


async def fail(request: Request) -> Response:
    raise ValueError("boom")


async def refuse(request: Request) -> Response:
    raise HTTPException(418, "teapot")


async def fail_late(request: Request) -> Response:
    async def chunks() -> Any:
        yield "begun"
        raise ValueError("late")

    return StreamingResponse(chunks())


async def nothing(request: Request) -> Any:
    return None


async def start_itself(request: Request) -> Response:
    await request._send({"type": "http.response.start", "status": 200, "headers": []})
    raise HTTPException(400)


def raising_handler(request: Request, exc: Exception) -> Response:
    raise HTTPException(409, "conflict")


ENDPOINTS = [fail, refuse, fail_late, nothing, start_itself]
HANDLERS: list[dict[Any, Any]] = [
    {},
    {ValueError: raising_handler},
    {500: lambda request, exc: PlainTextResponse("handled", 500)},
]


async def observed(app: ASGIApp, path: str, method: str) -> tuple[list[Message], str]:
    """What is sent, and what is raised, for one request."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": method, "path": path, "headers": [], "query_string": b""}
    try:
        await app(scope, receive, send)
    except Exception as exc:
        return sent, repr(exc)
    return sent, "nothing"


@pytest.mark.parametrize("debug", [False, True], ids=["", "debug"])
@pytest.mark.parametrize("handlers", HANDLERS, ids=["plain", "raising handler", "500 handler"])
@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.__name__)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
@pytest.mark.parametrize("path", ["/", "/nothing", "/slash"])
async def test_it_sends_and_raises_what_the_layers_do(
    endpoint: Any, handlers: dict[Any, Any], debug: bool, method: str, path: str
) -> None:
    routes = [Route("/", endpoint), Route("/slash/", endpoint)]
    short = Starlette(debug, routes, exception_handlers=handlers)
    long = Starlette(debug, routes, [Middleware(Through)], handlers)
    (sent, raised), (expected, expected_raised) = [
        await observed(app, path, method) for app in (short, long)
    ]
    if debug:  # the traceback in the body names other frames
        sent, expected = sent[:1], expected[:1]
        for message in sent + expected:
            message["headers"] = [pair for pair in message["headers"] if pair[0][-6:] != b"length"]
    assert (sent, raised) == (expected, expected_raised)


class Failing(BaseRoute):
    """A route that raises when it is asked."""

    def __init__(self, exc: Exception) -> None:
        self.exc = exc

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        raise self.exc


@pytest.mark.parametrize(
    ("exc", "status"), [(KeyError("k"), 500), (HTTPException(418), 418)], ids=["error", "http"]
)
async def test_what_matching_raises_is_answered_as_by_the_layers(
    exc: Exception, status: int
) -> None:
    short = Starlette(routes=[Failing(exc)])
    long = Starlette(routes=[Failing(exc)], middleware=[Middleware(Through)])
    observations = [await observed(app, "/", "GET") for app in (short, long)]
    assert observations[0] == observations[1]
    assert observations[0][0][0]["status"] == status


@pytest.mark.parametrize("layers", [[], [Middleware(Through)]], ids=["short", "long"])
async def test_the_500_of_a_mounted_application_is_the_only_response(
    layers: list[Middleware],
) -> None:
    inner = Starlette(routes=[Route("/", fail)], middleware=layers)
    sent, raised = await observed(Starlette(routes=[Mount("/inner", inner)]), "/inner/", "GET")
    assert [message.get("status") for message in sent] == [500, None]
    assert raised == repr(ValueError("boom"))


@pytest.mark.parametrize("layers", [[], [Middleware(Through)]], ids=["short", "long"])
async def test_what_an_endpoint_raises_after_another_application_is_answered_by_its_own(
    layers: list[Middleware],
) -> None:
    """The inner application leaves its own handlers in the scope that the two share."""

    def mine(request: Request, exc: Exception) -> Response:
        return PlainTextResponse("mine", 409)

    def not_mine(request: Request, exc: Exception) -> Response:
        return PlainTextResponse("not mine")

    async def unsent(message: Message) -> None:
        pass

    async def endpoint(request: Request) -> Response:
        await inner(request.scope, request.receive, unsent)
        raise ValueError

    inner = Starlette(routes=[Route("/", say_inner)], exception_handlers={ValueError: not_mine})
    app = Starlette(False, [Route("/", endpoint)], layers, {ValueError: mine})
    assert (await get(app)).text == "mine"


async def say_inner(request: Request) -> Response:
    return PlainTextResponse("inner")


async def test_middleware_of_a_mount_is_answered_by_the_handlers_around_it() -> None:
    class Refusing(Through):
        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            await self.app(scope, receive, unsent)
            raise HTTPException(409)

    async def unsent(message: Message) -> None:
        pass

    def mine(request: Request, exc: Exception) -> Response:
        return PlainTextResponse("mine")

    inner = Starlette(routes=[Route("/", nothing)], exception_handlers={TypeError: mine})
    routes = [Mount("/inner", inner, middleware=[Middleware(Refusing)])]
    app = Starlette(routes=routes, exception_handlers={409: mine})
    assert (await get(app, "/inner/")).text == "mine"


# It is left as soon as anything differs


def replaced(kind: type, name: str) -> Callable[[pytest.MonkeyPatch, Starlette, list[str]], None]:
    """A seam: `name` replaced on the class by a function that notes the call."""

    def patch(monkeypatch: pytest.MonkeyPatch, app: Starlette, seen: list[str]) -> None:
        original = getattr(kind, name)

        def replacement(self: Any, *args: Any) -> Any:
            seen.append(name)
            return original(self, *args)

        monkeypatch.setattr(kind, name, replacement)

    return patch


def noting(app: ASGIApp, seen: list[str]) -> ASGIApp:
    async def noting(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append("call")
        await app(scope, receive, send)

    return noting


def stack_replaced(_: Any, app: Starlette, seen: list[str]) -> None:
    assert app.middleware_stack
    app.middleware_stack = noting(app.middleware_stack, seen)


def layer_replaced(_: Any, app: Any, seen: list[str]) -> None:
    app.middleware_stack.app = noting(app.middleware_stack.app, seen)


def router_replaced(_: Any, app: Any, seen: list[str]) -> None:
    layer = app.middleware_stack.app
    while layer.app is not app.router:
        layer = layer.app
    layer.app = noting(app.router, seen)


def router_stack_replaced(_: Any, app: Starlette, seen: list[str]) -> None:
    app.router.middleware_stack = noting(app.router.middleware_stack, seen)


def router_app_replaced(_: Any, app: Starlette, seen: list[str]) -> None:
    app.router.app = noting(app.router.app, seen)  # type: ignore[method-assign, assignment]


def route_app_replaced(_: Any, app: Any, seen: list[str]) -> None:
    app.routes[0].app = noting(app.routes[0].app, seen)


def route_handle_replaced(_: Any, app: Any, seen: list[str]) -> None:
    app.routes[0].handle = noting(app.routes[0].handle, seen)


def route_matches_replaced(_: Any, app: Any, seen: list[str]) -> None:
    original = app.routes[0].matches

    def matches(scope: Scope) -> tuple[Match, Scope]:
        seen.append("matches")
        return original(scope)  # type: ignore[no-any-return]

    app.routes[0].matches = matches


def default_replaced(_: Any, app: Any, seen: list[str]) -> None:
    app.routes.clear()
    app.router.default = noting(PlainTextResponse("default"), seen)


SEAMS = {
    "ServerErrorMiddleware.__call__": replaced(ServerErrorMiddleware, "__call__"),
    "ExceptionMiddleware.__call__": replaced(ExceptionMiddleware, "__call__"),
    "Router.__call__": replaced(Router, "__call__"),
    "Router.app": replaced(Router, "app"),
    "Route.handle": replaced(Route, "handle"),
    "Route.matches": replaced(Route, "matches"),
    "app.middleware_stack": stack_replaced,
    "stack.app": layer_replaced,
    "stack.app.app": router_replaced,
    "router.middleware_stack": router_stack_replaced,
    "router.app": router_app_replaced,
    "router.default": default_replaced,
    "route.app": route_app_replaced,
    "route.handle": route_handle_replaced,
    "route.matches": route_matches_replaced,
}


@pytest.mark.parametrize("requests_before", [0, 1], ids=["before", "after"])
@pytest.mark.parametrize("path", ["/", "/users/1"])
@pytest.mark.parametrize("layers", [[], [Middleware(Through)]], ids=["", "layer"])
@pytest.mark.parametrize("seam", SEAMS)
async def test_what_is_replaced_acts_at_once(
    monkeypatch: pytest.MonkeyPatch,
    seam: str,
    layers: list[Middleware],
    path: str,
    requests_before: int,
) -> None:
    async def endpoint(request: Request) -> Response:
        return PlainTextResponse("hello")

    route = Route("/" if path == "/" else "/users/{id:int}", endpoint)
    app = Starlette(routes=[route], middleware=layers)
    assert (await get(app, "/elsewhere")).status_code == 404
    for _ in range(requests_before):
        assert (await get(app, path)).text == "hello"
    seen: list[str] = []
    SEAMS[seam](monkeypatch, app, seen)
    await get(app, path)
    assert len(seen) == 1


async def test_a_replaced_function_that_is_put_back_is_no_longer_called(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = Starlette(routes=[Route("/", layers)])
    seen: list[str] = []
    SEAMS["Router.app"](monkeypatch, app, seen)
    await get(app)
    monkeypatch.undo()
    assert (await get(app)).json() == []
    assert len(seen) == 1


async def test_the_middleware_of_a_router_that_was_put_in_is_called() -> None:
    app = Starlette()
    seen: list[str] = []
    app.router = Router([Route("/", layers)], middleware=[Middleware(noting, seen)])
    assert (await get(app)).status_code == 200
    assert seen == ["call"]


class Proxy:
    """What wrapping libraries put in a method's place: all of the method, but the call."""

    def __init__(self, wrapped: Any, seen: list[str]) -> None:
        self.wrapped, self.seen = wrapped, seen

    def __get__(self, instance: Any, owner: type) -> Any:
        return Proxy(self.wrapped.__get__(instance, owner), self.seen)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.wrapped, name)

    def __call__(self, *args: Any) -> Any:
        self.seen.append("call")
        return self.wrapped(*args)


async def test_a_proxy_around_the_routers_app_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    app = Starlette(routes=[Route("/", layers)])
    assert (await get(app)).json() == []
    seen: list[str] = []
    monkeypatch.setattr(Router, "app", Proxy(Router.app, seen))
    await get(app)
    assert seen == ["call"]
