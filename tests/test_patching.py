"""What others replace at run time, through the documented paths, takes effect.

Sentry, OpenTelemetry, FastAPI, gradio, nicegui, slowapi and starlette-admin replace these names and
attributes, or stand on these underscore names. `packages/starlette/tests/test_shortpath.py` holds
the seams of the short path, before and after the first request.
"""

import copy
import types
import weakref
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

import starlette.applications
import starlette.routing
from starlette.applications import Starlette
from starlette.authentication import (
    AuthCredentials,
    AuthenticationBackend,
    BaseUser,
    SimpleUser,
)
from starlette.background import BackgroundTask, BackgroundTasks
from starlette.datastructures import State
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartParser
from starlette.middleware import Middleware
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.httpsredirect import HTTPSRedirectMiddleware
from starlette.middleware.opentelemetry import OpenTelemetryMiddleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Host, Match, Mount, Route, Router, WebSocketRoute, compile_path
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

Patch = pytest.MonkeyPatch


async def hello(request: Request) -> Response:
    return PlainTextResponse("hello")


async def passing(request: Request, call_next: Any) -> Response:
    response: Response = await call_next(request)
    return response


async def refuse(request: Request) -> Response:
    raise HTTPException(418, "teapot")


async def echo(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_text("hello")
    await websocket.close()


class Everybody(AuthenticationBackend):
    async def authenticate(self, conn: HTTPConnection) -> tuple[AuthCredentials, BaseUser]:
        return AuthCredentials(["authenticated"]), SimpleUser("ada")


def noting(seen: list[Any], original: Callable[..., Any]) -> Callable[..., Any]:
    """A replacement for `original` that notes what it is called on."""

    def replacement(*args: Any, **kwargs: Any) -> Any:
        seen.append(args[0])
        return original(*args, **kwargs)

    return replacement


def noting_call(seen: list[Any], kind: type) -> Callable[..., Any]:
    """The same for the `__call__` of a class of applications."""
    original: Any = kind.__call__

    async def replacement(self: Any, scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(type(self))
        await original(self, scope, receive, send)

    return replacement


# Module globals


def test_a_replaced_request_response_is_what_routes_made_later_use(monkeypatch: Patch) -> None:
    original = starlette.routing.request_response
    seen: list[Any] = []
    monkeypatch.setattr("starlette.routing.request_response", noting(seen, original))
    app = Starlette(routes=[Route("/", hello)])
    app.add_route("/added", refuse)
    app.router.mount("/mounted", Router([Route("/", hello)]))
    assert seen == [hello, refuse, hello]
    assert TestClient(app).get("/").text == "hello"


def test_a_replaced_websocket_session_is_what_routes_made_later_use(monkeypatch: Patch) -> None:
    original = starlette.routing.websocket_session
    seen: list[Any] = []
    monkeypatch.setattr("starlette.routing.websocket_session", noting(seen, original))
    app = Starlette(routes=[WebSocketRoute("/", echo)])
    assert seen == [echo]
    with TestClient(app).websocket_connect("/") as session:
        assert session.receive_text() == "hello"


def test_the_application_class_can_be_replaced_by_a_subclass(monkeypatch: Patch) -> None:
    class Instrumented(Starlette):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self._is_instrumented = True

    monkeypatch.setattr("starlette.applications.Starlette", Instrumented)
    app = starlette.applications.Starlette(routes=[Route("/", hello)])
    assert vars(app)["_is_instrumented"] is True
    assert weakref.WeakSet([app])
    assert TestClient(app).get("/").text == "hello"


# Functions of classes


@pytest.mark.parametrize("made", ["before", "after"])
def test_a_replaced_call_of_the_application_acts_at_once(made: str, monkeypatch: Patch) -> None:
    seen: list[Any] = []
    app = Starlette(routes=[Route("/", hello)])
    monkeypatch.setattr("starlette.applications.Starlette.__call__", noting_call(seen, Starlette))
    app = app if made == "before" else Starlette(routes=[Route("/", hello)])
    assert TestClient(app).get("/").text == "hello"
    assert seen == [Starlette]


def test_a_replaced_init_of_middleware_records_sees_the_layers_of_the_package(
    monkeypatch: Patch,
) -> None:
    original = Middleware.__init__
    seen: list[Any] = []

    def init(self: Any, cls: Any, *args: Any, **kwargs: Any) -> None:
        seen.append(cls)
        original(self, cls, *args, **kwargs)

    app = Starlette(max_body_size=10)
    app.add_middleware(GZipMiddleware)
    monkeypatch.setattr("starlette.middleware.Middleware.__init__", init)
    app.build_middleware_stack()
    assert seen == [ServerErrorMiddleware, RequestBodyLimitMiddleware, ExceptionMiddleware]


LAYERS: dict[type, Middleware] = {
    AuthenticationMiddleware: Middleware(AuthenticationMiddleware, backend=Everybody()),
    BaseHTTPMiddleware: Middleware(BaseHTTPMiddleware, dispatch=passing),
    CORSMiddleware: Middleware(CORSMiddleware, allow_origins=["*"]),
    GZipMiddleware: Middleware(GZipMiddleware),
    HTTPSRedirectMiddleware: Middleware(HTTPSRedirectMiddleware),
    OpenTelemetryMiddleware: Middleware(OpenTelemetryMiddleware),
    RequestBodyLimitMiddleware: Middleware(RequestBodyLimitMiddleware, max_body_size=10),
    SessionMiddleware: Middleware(SessionMiddleware, secret_key="secret"),
    TrustedHostMiddleware: Middleware(TrustedHostMiddleware, allowed_hosts=["*"]),
}


@pytest.mark.parametrize("kind", LAYERS, ids=lambda kind: kind.__name__)
def test_a_replaced_call_of_a_middleware_class_acts_at_once(kind: type, monkeypatch: Patch) -> None:
    seen: list[Any] = []
    app = Starlette(routes=[Route("/", hello)], middleware=[LAYERS[kind]])
    app.middleware_stack = app.build_middleware_stack()
    monkeypatch.setattr(kind, "__call__", noting_call(seen, kind))
    assert TestClient(app, base_url="https://testserver").get("/").text == "hello"
    assert seen == [kind]


@pytest.mark.parametrize("kind", [ServerErrorMiddleware, ExceptionMiddleware])
def test_a_replaced_init_of_a_layer_acts_when_the_stack_is_built(
    kind: Any, monkeypatch: Patch
) -> None:
    seen: list[Any] = []
    monkeypatch.setattr(kind, "__init__", noting(seen, kind.__init__))
    Starlette().build_middleware_stack()
    assert [type(layer) for layer in seen] == [kind]


@pytest.mark.parametrize(
    ("endpoint", "text", "handled"), [(hello, "hello", []), (refuse, "teapot", [HTTPException])]
)
def test_exception_handlers_replaced_in_the_layer_are_the_ones_that_answer(
    endpoint: Any, text: str, handled: list[type], monkeypatch: Patch
) -> None:
    """Sentry wraps every handler of the table once the layer is made."""
    original = ExceptionMiddleware.__init__
    seen: list[Any] = []

    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        for key, handler in self._exception_handlers.items():
            self._exception_handlers[key] = wrap(handler)

    def wrap(handler: Any) -> Any:
        async def wrapped(request: Any, exc: Exception) -> Any:
            seen.append(type(exc))
            return await handler(request, exc)

        return wrapped

    monkeypatch.setattr("starlette.middleware.exceptions.ExceptionMiddleware.__init__", init)
    response = TestClient(Starlette(routes=[Route("/", endpoint)])).get("/")
    assert (response.text, seen) == (text, handled)


def test_a_replaced_init_of_the_templates_acts(monkeypatch: Patch) -> None:
    original = Jinja2Templates.__init__

    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        self.env.globals["trace"] = "traced"

    monkeypatch.setattr("starlette.templating.Jinja2Templates.__init__", init)
    templates = Jinja2Templates(directory="templates")
    assert templates.env.from_string("{{ trace }}").render() == "traced"


@pytest.mark.parametrize("several", [False, True], ids=["a task", "tasks"])
def test_a_replaced_call_of_background_tasks_acts(several: bool, monkeypatch: Patch) -> None:
    original = BackgroundTask.__call__
    seen: list[Any] = []

    async def call(self: BackgroundTask) -> None:
        seen.append(self.func)
        await original(self)

    async def endpoint(request: Request) -> Response:
        task = BackgroundTask(len, "x")
        return PlainTextResponse("", background=BackgroundTasks([task]) if several else task)

    monkeypatch.setattr("starlette.background.BackgroundTask.__call__", call)
    monkeypatch.setattr("starlette.background.BackgroundTask._original", original, raising=False)
    TestClient(Starlette(routes=[Route("/", endpoint)])).get("/")
    assert seen == [len]


@pytest.mark.parametrize("kind", [Route, Mount, Host, WebSocketRoute])
@pytest.mark.parametrize("name", ["matches", "handle"])
def test_replaced_functions_of_routes_act_at_once(kind: Any, name: str, monkeypatch: Patch) -> None:
    inner = Router([Route("/", hello)])
    routes = {
        Route: Route("/", hello),
        Mount: Mount("/", inner),
        Host: Host("testserver", inner),
        WebSocketRoute: WebSocketRoute("/", echo),
    }
    client = TestClient(Starlette(routes=[routes[kind]]))
    greet(client, kind)
    seen: list[Any] = []
    monkeypatch.setattr(kind, name, noting(seen, getattr(kind, name)))
    greet(client, kind)
    assert seen == [routes[kind]]


def greet(client: TestClient, kind: type) -> None:
    if kind is not WebSocketRoute:
        assert client.get("/").text == "hello"
        return
    with client.websocket_connect("/") as session:
        assert session.receive_text() == "hello"


def test_matches_can_be_called_unbound() -> None:
    route = Route("/users/{name}", hello)
    scope = {"type": "http", "method": "GET", "path": "/users/ada", "headers": []}
    match, child_scope = Route.matches(route, scope)
    assert match is Match.FULL
    assert child_scope["path_params"] == {"name": "ada"}


def test_a_replaced_app_of_routers_acts_at_once(monkeypatch: Patch) -> None:
    client = TestClient(Starlette(routes=[Route("/", hello)]))
    assert client.get("/").text == "hello"
    monkeypatch.setattr("starlette.routing.Router.app", PlainTextResponse("replaced").__call__)
    assert client.get("/").text == "replaced"


def test_replaced_sizes_of_the_multipart_parser_act(monkeypatch: Patch) -> None:
    async def spooled(request: Request) -> Response:
        async with request.form() as form:
            return JSONResponse(form["file"]._in_memory)  # type: ignore[union-attr]

    client = TestClient(Starlette(routes=[Route("/", spooled, methods=["POST"])]))
    assert client.post("/", files={"file": b"12345"}).json() is True
    monkeypatch.setattr("starlette.formparsers.MultiPartParser.spool_max_size", 4)
    assert MultiPartParser.spool_max_size == 4
    assert client.post("/", files={"file": b"12345"}).json() is False


def test_replaced_functions_of_static_files_act(monkeypatch: Patch, tmp_path: Any) -> None:
    async def get_response(self: StaticFiles, path: str, scope: Scope) -> Response:
        return PlainTextResponse(path)

    client = TestClient(Starlette(routes=[Mount("/", StaticFiles(directory=tmp_path))]))
    monkeypatch.setattr("starlette.staticfiles.StaticFiles.get_response", get_response)
    assert client.get("/some/file").text == "some/file"


# Attributes of an application


class Note:
    """A layer that notes that a request passed."""

    def __init__(self, app: ASGIApp, seen: list[str]) -> None:
        self.app = app
        self.seen = seen

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.seen.append(scope["type"])
        await self.app(scope, receive, send)


@pytest.mark.parametrize("started", [False, True], ids=["fresh", "after a request"])
def test_a_replaced_build_middleware_stack_of_one_application_is_what_runs(started: bool) -> None:
    """OpenTelemetry puts its layer between the error layer and the rest."""
    seen: list[str] = []
    app = Starlette(routes=[Route("/", hello)])
    client = TestClient(app)
    if started:
        assert client.get("/").text == "hello"
    original = app.build_middleware_stack

    def build(self: Starlette) -> ASGIApp:
        stack = original()
        assert isinstance(stack, ServerErrorMiddleware)
        assert (stack.handler, stack.debug) == (None, False)
        stack.app = Note(stack.app, seen)
        return stack

    app.build_middleware_stack = types.MethodType(build, app)  # type: ignore[method-assign]
    app.middleware_stack = app.build_middleware_stack()
    assert client.get("/").text == "hello"
    assert seen == ["http"]


def test_a_stack_set_to_none_is_built_again() -> None:
    seen: list[str] = []
    app = Starlette(routes=[Route("/", hello)])
    client = TestClient(app)
    client.get("/")
    app.user_middleware.append(Middleware(Note, seen))
    client.get("/")
    assert seen == []
    app.middleware_stack = None
    client.get("/")
    assert seen == ["http"]


def test_the_list_of_user_middleware_can_be_filtered_and_cleared() -> None:
    seen: list[str] = []
    app = Starlette(
        routes=[Route("/", hello)], middleware=[Middleware(GZipMiddleware), Middleware(Note, seen)]
    )
    layers = app.user_middleware
    layers[:] = [layer for layer in layers if layer.cls is not Note]
    TestClient(app).get("/")
    assert (seen, len(app.user_middleware)) == ([], 1)
    app.user_middleware.clear()
    assert not app.user_middleware


def test_a_replaced_lifespan_context_is_entered_at_startup() -> None:
    events: list[Any] = []
    app = Starlette(routes=[Route("/", hello)])
    original = app.router.lifespan_context

    @asynccontextmanager
    async def wrapping(app: Starlette) -> AsyncIterator[Any]:
        async with original(app) as state:
            events.append("startup")
            yield state
            events.append("shutdown")

    app.router.lifespan_context = wrapping
    with TestClient(app) as client:
        assert client.get("/").text == "hello"
    assert events == ["startup", "shutdown"]


def test_changes_of_the_list_of_routes_take_effect_at_once() -> None:
    app = Starlette(routes=[Route("/", hello)])
    client = TestClient(app)
    assert client.get("/").status_code == 200
    app.routes.append(Route("/more", hello))
    assert client.get("/more").status_code == 200
    app.routes.remove(app.routes[0])
    assert client.get("/").status_code == 404
    app.routes[:] = [Route("/", refuse)]
    assert client.get("/").status_code == 418


def test_the_exception_handlers_are_a_plain_dict() -> None:
    async def missing(request: Request, exc: Exception) -> Response:
        return PlainTextResponse("missing", 404)

    app = Starlette(exception_handlers={404: missing})
    assert type(app.exception_handlers) is dict
    assert app.exception_handlers.get(404) is missing


# Attributes of routes


def test_replaced_methods_and_a_replaced_path_of_a_route_act_at_once() -> None:
    route: Any = Route("/", hello)
    client = TestClient(Starlette(routes=[route]))
    assert client.get("/").status_code == 200
    route.methods = {"POST"}
    assert client.get("/").status_code == 405
    route.methods = {"GET"}
    route.path = "/other"
    route.path_regex, route.path_format, route.param_convertors = compile_path("/other")
    assert client.get("/").status_code == 404
    assert client.get("/other").text == "hello"


def test_a_replaced_app_of_a_route_is_what_answers() -> None:
    app = Starlette(routes=[Route("/", hello)])
    client = TestClient(app)
    assert client.get("/").text == "hello"
    route: Any = app.routes[0]
    route.app = PlainTextResponse("replaced")
    assert client.get("/").text == "replaced"


def test_a_copied_mount_can_be_given_another_path() -> None:
    """FastAPI puts a prefix before the mounts of an included router."""
    mount = Mount("/static", PlainTextResponse("file"))
    moved = copy.copy(mount)
    moved.path = "/assets" + mount.path
    template = compile_path(moved.path + "/{path:path}")
    moved.path_regex, moved.path_format, moved.param_convertors = template
    client = TestClient(Starlette(routes=[moved]))
    assert client.get("/assets/static/x").text == "file"
    assert client.get("/static/x").status_code == 404


# Underscore names and scope keys that others read


async def test_a_request_keeps_its_send_channel_and_says_what_was_loaded() -> None:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"{}"}

    async def send(message: Any) -> None: ...

    request = Request({"type": "http", "headers": []}, receive, send)
    assert request._send is send
    assert getattr(request, "_form", None) is None
    assert not hasattr(request, "_json")
    await request.json()
    assert hasattr(request, "_json")


def test_the_inner_dict_of_a_state_is_reachable() -> None:
    state = State({"a": 1})
    assert state._state == {"a": 1}


def test_the_signals_of_the_body_limit_are_exceptions() -> None:
    from starlette.middleware import body_limit

    assert issubclass(body_limit._RequestBodyTooLarge, HTTPException)
    assert issubclass(body_limit._RequestBodyLimitResponseSent, Exception)


def test_the_names_that_fastapi_imports_with_an_underscore_are_there() -> None:
    from starlette._exception_handler import wrap_app_handling_exceptions
    from starlette._utils import get_route_path, is_async_callable
    from starlette.responses import guess_type

    assert is_async_callable(hello)
    assert get_route_path({"path": "/api/a", "root_path": "/api"}) == "/a"
    assert guess_type("a.css")[0] == "text/css"
    assert callable(wrap_app_handling_exceptions(PlainTextResponse("x"), Request(SCOPE)))


SCOPE: dict[str, Any] = {"type": "http", "headers": []}


def test_the_scope_holds_the_keys_that_others_read() -> None:
    found: dict[str, Any] = {}

    async def endpoint(request: Request) -> Response:
        found.update(request.scope)
        return PlainTextResponse("")

    route = Route("/users/{name}", endpoint)
    app = Starlette(
        routes=[Mount("/api", routes=[route])],
        middleware=[
            Middleware(SessionMiddleware, secret_key="secret"),
            Middleware(AuthenticationMiddleware, backend=Everybody()),
        ],
        max_body_size=10,
    )
    TestClient(app, root_path="/proxy").get("/api/users/ada")
    assert found["app"] is app
    assert found["router"] is app.router
    assert found["route"] is route
    assert found["endpoint"] is endpoint
    assert found["path_params"] == {"name": "ada"}
    assert found["root_path"] == "/proxy/api"
    assert found["app_root_path"] == "/proxy"
    assert found["session"] == {}
    assert found["user"].display_name == "ada"
    assert found["auth"].scopes == ["authenticated"]
    assert found["starlette.max_body_size"] == 10
