"""Routes and routers: which endpoint answers a request, and the way back from a name to a URL.

    async def user(request: Request) -> Response: ...

    app = Router([
        Route("/users/{name}", user, methods=["GET"]),
        Mount("/static", StaticFiles(directory="static"), name="static"),
        Host("api.example.org", Router([...])),
    ])

A router asks its routes in the order of declaration. The first that takes the path and the method
answers; failing that the first that takes the path (with 405); failing that a path with or without
a final slash is redirected to the one that exists; failing that it is 404. `dispatch` has the index
that makes this fast, and changes nothing about it.

`request_response`, `websocket_session`, `Route.handle`, `Router.app` and the like may be replaced
at any time, by instrumentation say: they are looked up when they are used.
"""

import functools
import inspect
import re
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from typing import Any, Literal, cast
from urllib.parse import unquote

from starlette_http.body_limit import RequestBodyLimitMiddleware
from starlette_http.callables import is_async_callable
from starlette_http.concurrency import run_in_threadpool
from starlette_http.exception_handling import (
    StartWatch,
    handle_exception,
    wrap_app_handling_exceptions as wrap_app_handling_exceptions,
)
from starlette_http.hosts import parse_host_header
from starlette_http.paths import get_route_path
from starlette_http.requests import Request
from starlette_http.response import EMPTY_STATUSES
from starlette_http.responses import RedirectResponse, Response
from starlette_http.types import ASGIApp, Lifespan, MiddlewareRecord, Receive, Scope, Send
from starlette_http.urls import URL, URLPath
from starlette_websockets.websockets import WebSocket, WebSocketClose

from .base import (
    ALLOW_SCOPE_KEY,
    LATE_REGEX,
    BaseRoute,
    Epoch,
    Match,
    NoMatchFound,
    allow_header,
    method_set,
    mounted_scope,
    refusal,
)
from .classic import Path, PathPrefix, ProtocolRouter
from .convertors import Convertor
from .dispatch import IndexedKinds, Plan, RouteList
from .lifespan import (
    LifespanContext,
    _AsyncLiftContextManager as _AsyncLiftContextManager,
    _DefaultLifespan as _DefaultLifespan,
    _wrap_gen_lifespan_context as _wrap_gen_lifespan_context,
    application_lifespan,
    lifespan_context,
    run_lifespan,
    together,
)
from .paths import (
    PARAM_FORMAT_REGEX as PARAM_FORMAT_REGEX,
    PARAM_REGEX as PARAM_REGEX,
    compile_path,
    convert_params,
    replace_params,
)

__all__ = [
    "INDEXED_KINDS",
    "BaseRoute",
    "Host",
    "Match",
    "Mount",
    "NoMatchFound",
    "Path",
    "PathPrefix",
    "ProtocolRouter",
    "Route",
    "Router",
    "WebSocketRoute",
    "compile_path",
    "get_name",
    "replace_params",
    "request_response",
    "websocket_session",
]


SEND_RESPONSE: Any = Response.__call__
"""How a complete response sends itself, taken when nobody can have replaced it yet."""

# On the class of an enumeration they are looked up at the cost of a call.
_NONE, _PARTIAL, _FULL = Match


class RequestResponse:
    """What `request_response` makes: an application, whose `call` gives a response for a request.

    Who awaits `call` in a frame of its own does all that `__call__` does around it.
    """

    __slots__ = ("call", "func")

    def __init__(self, func: Callable[[Request], Any]) -> None:
        self.func: Any = func
        # Any: what an endpoint returns is looked at, whatever its annotations say.
        self.call: Any = func
        if not is_async_callable(func):
            self.call = functools.partial(cast(Any, run_in_threadpool), func)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        given: Any = send
        watch = given if type(given) is StartWatch else StartWatch(send)
        tables = scope.get("starlette.exception_handlers")
        request = Request(scope, receive, watch)
        try:
            response: Any = await self.call(request)
            # What `Response.__call__` does, without a coroutine for it, and past the watch.
            if type(response).__call__ is SEND_RESPONSE:
                status, headers = response.status_code, response.raw_headers
                watch.started = True
                await watch.send(
                    {"type": "http.response.start", "status": status, "headers": headers}
                )
                body = b"" if status in EMPTY_STATUSES else response.body
                await watch.send({"type": "http.response.body", "body": body})
                if response.background is not None:
                    await response.background()
            else:
                await self.as_application(response)(scope, receive, watch)
        except Exception as exc:
            await handle_exception(exc, tables, request, scope, receive, send, watch.started)
        finally:
            if request._form is not None:
                await request.close()

    def as_application(self, response: Any) -> ASGIApp:
        """Give what the function returned, where that can be called; TypeError names the function.

        Any application will do: a streaming response, one of another framework, or a closure.
        """
        if callable(response):
            return cast(ASGIApp, response)
        raise TypeError(f"Endpoint {self.func!r} returned {response!r}, which is no response")


def request_response(
    func: Callable[[Request], Awaitable[Response] | Response],
) -> ASGIApp:
    """Make an application of `func(request) -> response`.

    A function that is not async runs in a worker thread. Exceptions go to the handlers of the
    application around, as `handle_exception` has it. When the response was sent and its background
    task has ended, the files of a form that `func` has read are closed. A TypeError names a `func`
    that returned no response.
    """
    return RequestResponse(func)


def websocket_session(func: Callable[[WebSocket], Awaitable[None]]) -> ASGIApp:
    """Make an application of `async func(websocket)`; exceptions as in `request_response`.

    A TypeError names a `func` that is not async.
    """

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        given: Any = send
        watch = given if type(given) is StartWatch else StartWatch(send)
        tables = scope.get("starlette.exception_handlers")
        websocket = WebSocket(scope, receive=receive, send=watch)
        try:
            session = func(websocket)
            if not inspect.isawaitable(session):
                raise TypeError(f"Websocket endpoint {func!r} is not async: declare it `async def`")
            await session
        except Exception as exc:
            await handle_exception(exc, tables, websocket, scope, receive, watch, False)

    return app


def get_name(endpoint: Callable[..., Any]) -> str:
    """Give the name of a function or class, or of an object's class."""
    name: str = getattr(endpoint, "__name__", type(endpoint).__name__)
    return name


def _is_function(endpoint: Any) -> bool:
    while isinstance(endpoint, functools.partial):
        endpoint = endpoint.func
    return inspect.isfunction(endpoint) or inspect.ismethod(endpoint)


def _as_application(endpoint: Any, adapt: Callable[[Any], ASGIApp]) -> ASGIApp:
    """Give the application of an endpoint: a function is adapted, anything else must be one."""
    if _is_function(endpoint):
        return adapt(endpoint)
    try:
        inspect.signature(endpoint).bind("scope", "receive", "send")
    except TypeError:
        raise TypeError(
            f"Endpoint {endpoint!r} cannot be called as an ASGI application, with (scope, receive, "
            "send); give a function or method that takes the request, or such an application"
        ) from None
    except ValueError:  # an extension type that does not tell its signature
        pass
    return cast(ASGIApp, endpoint)


def _wrapped(
    app: ASGIApp, middleware: Sequence[MiddlewareRecord] | None, max_body_size: int | None
) -> ASGIApp:
    """Put layers around an application: the first listed outermost, the body limit outside all."""
    for cls, args, kwargs in reversed(middleware or ()):
        app = cls(app, *args, **kwargs)
    if max_body_size is not None:
        app = RequestBodyLimitMiddleware(app, max_body_size=max_body_size)
    return app


def _require_slash(path: str) -> None:
    if not path.startswith("/"):
        raise AssertionError("Routed paths must start with '/'")


def _route_url(
    route: "Route | WebSocketRoute",
    protocol: Literal["http", "websocket"],
    name: str,
    path_params: dict[str, Any],
) -> URLPath:
    if name != route.name or path_params.keys() != route.param_convertors.keys():
        raise NoMatchFound(name, path_params)
    path, _ = replace_params(route.path_format, route.param_convertors, path_params)
    return URLPath(path, protocol=protocol)


class Route(BaseRoute):
    """A path template of HTTP requests and the endpoint that answers them.

    `endpoint` is a function of the request (its `methods` default to GET), or an ASGI application
    such as an `HTTPEndpoint` class (all methods by default). GET allows HEAD. `name` is for
    building URLs, by default that of the endpoint. `middleware` and `max_body_size` (bytes) apply
    to this route alone.

    AssertionError for a path without a leading slash and for an unknown convertor, ValueError for a
    parameter that is there twice, TypeError for an endpoint that cannot be called as either kind,
    and for a text as `methods`.
    """

    path_regex: re.Pattern[str] = LATE_REGEX
    path_format: str
    param_convertors: dict[str, Convertor[Any]]

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        methods: Collection[str] | None = None,
        name: str | None = None,
        include_in_schema: bool = True,
        middleware: Sequence[MiddlewareRecord] | None = None,
        max_body_size: int | None = None,
    ) -> None:
        _require_slash(path)
        self.path = path
        self.endpoint = endpoint
        self.name: str = get_name(endpoint) if name is None else name
        self.include_in_schema = include_in_schema
        if methods is None and _is_function(endpoint):
            methods = ["GET"]
        self.methods: set[str] | None = None if methods is None else method_set(methods)
        app = _as_application(endpoint, request_response)
        self.app: ASGIApp = _wrapped(app, middleware, max_body_size)
        self._read_template(path)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match an HTTP request's path, and its method: without it the match is PARTIAL."""
        if scope["type"] != "http":
            return _NONE, {}
        path = get_route_path(scope) if scope.get("root_path") else scope["path"]
        params = self._params_in(path) if path.startswith(self._prefix) else None
        if params is None:
            return _NONE, {}
        outer = scope.get("path_params")
        child_scope: Scope = {
            "endpoint": self.endpoint,
            "path_params": {**outer, **params} if outer else params,
        }
        if self.methods and scope["method"] not in self.methods:
            return _PARTIAL, child_scope
        return _FULL, child_scope

    def _params_in(self, path: str) -> dict[str, Any] | None:
        template = self._template
        if template is not None and template.literal:
            return {} if path == template.prefix else None
        match = self.path_regex.fullmatch(path)
        return None if match is None else convert_params(match, self.param_convertors)

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        """Build the path, for this name and exactly the parameters of the template."""
        return _route_url(self, "http", name, path_params)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the endpoint; 405 with Allow for a method that it does not take."""
        if self.methods and scope["method"] not in self.methods:
            await _method_refusal(self, scope)(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Route)
            and self.path == other.path
            and self.endpoint == other.endpoint
            and self.methods == other.methods
        )

    def __repr__(self) -> str:
        methods = sorted(self.methods or ())
        return f"{type(self).__name__}(path={self.path!r}, name={self.name!r}, {methods=})"


def _refusing(route: BaseRoute, child_scope: Scope, plain: bool, scope: Scope) -> ASGIApp:
    """Give what answers for a route that takes the path alone, and write into the scope."""
    scope["route"] = route
    scope.update(child_scope)
    if plain and type(route).handle is _HANDLE:
        return _method_refusal(cast(Route, route), scope)
    return route.handle


def _method_refusal(route: Route, scope: Scope) -> Response:
    headers = allow_header(scope, route.methods or ())
    return refusal(405, "Method Not Allowed", scope, headers)


class WebSocketRoute(BaseRoute):
    """A path template of websockets and the endpoint that answers them.

    `endpoint` is an async function of the websocket, or an ASGI application such as a
    `WebSocketEndpoint` class; `name`, `middleware` and errors are as in `Route`.
    """

    path_regex: re.Pattern[str] = LATE_REGEX
    path_format: str
    param_convertors: dict[str, Convertor[Any]]

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        name: str | None = None,
        middleware: Sequence[MiddlewareRecord] | None = None,
    ) -> None:
        _require_slash(path)
        self.path = path
        self.endpoint = endpoint
        self.name: str = get_name(endpoint) if name is None else name
        self.app: ASGIApp = _wrapped(_as_application(endpoint, websocket_session), middleware, None)
        self._read_template(path)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match a websocket's path."""
        if scope["type"] != "websocket":
            return _NONE, {}
        path = get_route_path(scope) if scope.get("root_path") else scope["path"]
        match = self.path_regex.fullmatch(path) if path.startswith(self._prefix) else None
        params = None if match is None else convert_params(match, self.param_convertors)
        if params is None:
            return _NONE, {}
        path_params = {**scope.get("path_params", {}), **params}
        return _FULL, {"endpoint": self.endpoint, "path_params": path_params}

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        """Build the path, for this name and exactly the parameters of the template."""
        return _route_url(self, "websocket", name, path_params)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the endpoint."""
        await self.app(scope, receive, send)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, WebSocketRoute)
            and self.path == other.path
            and self.endpoint == other.endpoint
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}(path={self.path!r}, name={self.name!r})"


class Mount(BaseRoute):
    """An application, or a table of routes, for every path below a path template.

    `Mount("/m", ...)` takes `/m/` and `/m/x`, not `/m`. What is below sees the rest of the path
    (`scope["root_path"]` grows) and owns the request: what it does not know is its own 404. Its
    routes are called `"<name>:<route>"`, or by their own names where the mount has none.
    `middleware` and `max_body_size` (bytes) apply to all that is below.

    `lifespan=True` runs the application's lifespan with that of the router that holds the mount;
    what it gives is merged into the state.

    AssertionError for a path that is neither "" nor begins with a slash, and for neither `app` nor
    `routes` (`app` counts if both are given); other errors of the template as in `Route`.
    """

    path_regex: re.Pattern[str] = LATE_REGEX
    path_format: str
    param_convertors: dict[str, Convertor[Any]]

    def __init__(
        self,
        path: str,
        app: ASGIApp | None = None,
        routes: Sequence[BaseRoute] | None = None,
        name: str | None = None,
        *,
        middleware: Sequence[MiddlewareRecord] | None = None,
        max_body_size: int | None = None,
        lifespan: bool = False,
    ) -> None:
        if path:
            _require_slash(path)
        if app is None and routes is None:
            raise AssertionError("Either 'app=...', or 'routes=' must be specified")
        self.path: str = path.rstrip("/")
        self._base_app: ASGIApp = Router(routes=routes) if app is None else app
        self.app: ASGIApp = _wrapped(self._base_app, middleware, max_body_size)
        self.name = name
        self.lifespan = lifespan
        self._read_template(self.path + "/{path:path}")

    @property
    def routes(self) -> list[BaseRoute]:
        """The routes of the application; none when it is not a router."""
        return getattr(self._base_app, "routes", [])

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match a path below the mount's, of an HTTP request or a websocket."""
        if scope["type"] not in ("http", "websocket"):
            return _NONE, {}
        path = get_route_path(scope) if scope.get("root_path") else scope["path"]
        if not path.startswith(self._prefix):
            return _NONE, {}
        template = self._template
        if template is not None and template.open_ended:
            return _FULL, self._child_scope(scope, template.prefix[:-1], {})
        match = self.path_regex.fullmatch(path)
        params = None if match is None else convert_params(match, self.param_convertors)
        if match is None or params is None:
            return _NONE, {}
        params.pop("path", None)
        return _FULL, self._child_scope(scope, path[: match.start("path") - 1], params)

    def _child_scope(self, scope: Scope, matched: str, params: dict[str, Any]) -> Scope:
        outer = scope.get("path_params")
        child_scope = mounted_scope(scope, matched)
        child_scope["path_params"] = {**outer, **params} if outer else params
        child_scope["endpoint"] = self.app
        return child_scope

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        """Build the path of a route below, or for the mount's own name and `path` any path.

        NoMatchFound when there is none, or a parameter of the mount is missing.
        """
        own, rest = _split(path_params, self.param_convertors.keys() - {"path"})
        if name == self.name and rest.keys() == {"path"} and own is not None:
            return URLPath(self._fill(own, str(rest["path"]).lstrip("/")))
        url = _child_url(self, name, rest)
        if url is None or own is None:
            raise NoMatchFound(name, path_params)
        # The template ends with a slash and the path, the path of the route begins with a slash.
        path = self._fill(own, "")[:-1] + url
        return URLPath(path, protocol=_protocol(url), host=url.host)

    def _fill(self, own: dict[str, Any], path: str) -> str:
        return replace_params(self.path_format, self.param_convertors, {**own, "path": path})[0]

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the application."""
        await self.app(scope, receive, send)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Mount) and self.path == other.path and self.app == other.app

    def __repr__(self) -> str:
        name = self.name or ""
        return f"{type(self).__name__}(path={self.path!r}, {name=}, app={self.app!r})"


class Host(BaseRoute):
    """An application for every path of the hosts that a template takes.

    The template is compared with the Host header, without its port, in lower case and without a
    final dot; a request whose Host header is missing or malformed has no host. `{name}` may span
    several labels. Names and `lifespan` are as in `Mount`; URLs carry the host, with the port that
    the template gives. AssertionError for a template that begins with a slash; other errors of the
    template as in `Route`.
    """

    host_regex: re.Pattern[str]
    host_format: str
    param_convertors: dict[str, Convertor[Any]]

    def __init__(
        self, host: str, app: ASGIApp, name: str | None = None, *, lifespan: bool = False
    ) -> None:
        if host.startswith("/"):
            raise AssertionError("Host must not start with '/'")
        self.host = host
        self.app = app
        self.name = name
        self.lifespan = lifespan
        self.host_regex, self.host_format, self.param_convertors = compile_path(host)

    @property
    def routes(self) -> list[BaseRoute]:
        """The routes of the application; none when it is not a router."""
        return getattr(self.app, "routes", [])

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match the host that an HTTP request or a websocket asks for."""
        host = _host_of(scope) if scope["type"] in ("http", "websocket") else None
        match = None if host is None else self.host_regex.fullmatch(host)
        params = None if match is None else convert_params(match, self.param_convertors)
        if params is None:
            return _NONE, {}
        path_params = {**scope.get("path_params", {}), **params}
        return _FULL, {"path_params": path_params, "endpoint": self.app}

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        """Build the path of a route of the application, or give `path` for the host's own name.

        NoMatchFound when there is none, or a parameter of the host is missing.
        """
        own, rest = _split(path_params, self.param_convertors.keys())
        if name == self.name and rest.keys() == {"path"} and own is not None:
            return URLPath(rest["path"], host=self._fill(own))
        url = _child_url(self, name, rest)
        if url is None or own is None:
            raise NoMatchFound(name, path_params)
        return URLPath(url, protocol=_protocol(url), host=self._fill(own))

    def _fill(self, own: dict[str, Any]) -> str:
        return replace_params(self.host_format, self.param_convertors, own)[0]

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the application."""
        await self.app(scope, receive, send)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Host) and self.host == other.host and self.app == other.app

    def __repr__(self) -> str:
        name = self.name or ""
        return f"{type(self).__name__}(host={self.host!r}, {name=}, app={self.app!r})"


def _host_of(scope: Scope) -> str | None:
    for name, value in scope.get("headers", ()):
        if name == b"host":
            parsed = parse_host_header(value.decode("latin-1"))
            return None if parsed is None else parsed.host.lower().removesuffix(".")
    return None


def _split(
    path_params: dict[str, Any], names: Collection[str]
) -> tuple[dict[str, Any] | None, dict[str, Any]]:
    """Split parameters into those called `names`, None if any is missing, and the others."""
    rest = {name: value for name, value in path_params.items() if name not in names}
    if len(rest) + len(names) != len(path_params):
        return None, rest
    return {name: path_params[name] for name in names}, rest


def _child_url(parent: Mount | Host, name: str, path_params: dict[str, Any]) -> URLPath | None:
    """Build the path of a route of `parent`: its name begins with the parent's, if it has one."""
    if parent.name is not None:
        if not name.startswith(f"{parent.name}:"):
            return None
        name = name.removeprefix(f"{parent.name}:")
    return _first_url(parent.routes, name, path_params)


def _first_url(
    routes: Iterable[BaseRoute], name: str, path_params: dict[str, Any]
) -> URLPath | None:
    for route in routes:
        build = route.url_path_for
        # To say that it has another name a route raises, which takes ten times as long.
        if getattr(build, "__func__", None) in _BY_NAME and cast(Route, route).name != name:
            continue
        try:
            return build(name, **path_params)
        except NoMatchFound:
            pass
    return None


def _protocol(url: URLPath) -> Literal["http", "websocket", ""]:
    return cast(Literal["http", "websocket", ""], url.protocol)


class Router:
    """An application that passes each request to the first of its routes that takes it.

    `redirect_slashes`: send a path that no route takes to the same path with or without its final
    slash, if a route takes that one (307). `default` answers what nothing takes: 404, or a closed
    websocket. `middleware` and `max_body_size` (bytes) apply to all routes.

    `lifespan` is one lifespan (`app -> async context manager`) or several, entered in order and
    left in reverse; `on_startup` and `on_shutdown` are called before and after them, async or not,
    without arguments. Lifespans of mounted applications run only where their mount says so.

    `routes` is a list that may be changed, or replaced, at any time.
    """

    _has_own_app: bool = False

    def __init__(
        self,
        routes: Sequence[BaseRoute] | None = None,
        redirect_slashes: bool = True,
        default: ASGIApp | None = None,
        lifespan: Lifespan[Any] | Sequence[Lifespan[Any]] | None = None,
        *,
        middleware: Sequence[MiddlewareRecord] | None = None,
        max_body_size: int | None = None,
        on_startup: Sequence[Callable[[], Any]] | None = None,
        on_shutdown: Sequence[Callable[[], Any]] | None = None,
    ) -> None:
        self.routes: list[BaseRoute] = RouteList(routes or ())
        self.redirect_slashes = redirect_slashes
        self.default: ASGIApp = self.not_found if default is None else default
        # Callables of a router's life are read here and never again: subclasses keep attributes of
        # these names and run them themselves.
        self.lifespan_context: LifespanContext = lifespan_context(
            self, lifespan, on_startup, on_shutdown
        )
        self._innermost: ASGIApp = self._dispatch
        self.middleware_stack: ASGIApp = _wrapped(self._innermost, middleware, max_body_size)
        self._plans: dict[str, Plan[Route]] = {}

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name == "app":
            super().__setattr__("_has_own_app", True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, a websocket or the server's lifespan, through the middleware."""
        # Where nothing is around `app`, and it is the one below, its frame is left out.
        if (
            self.middleware_stack is self._innermost
            and type(self).app is _APP
            and not self._has_own_app
        ):
            app: Any = self.application_for(scope)
            if type(app) is RequestResponse:
                # By name the interpreter calls it in place; an object that is called is a slot,
                # a tuple and a lookup, at three times the cost.
                await app.__call__(scope, receive, send)
            else:
                await app(scope, receive, send)
        else:
            await self.middleware_stack(scope, receive, send)

    def _dispatch(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        # Innermost in the stack, and there to look `app` up when it is used.
        return self.app(scope, receive, send)

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Find the route and let it answer. The scope gains `router`, `route` and what it matched.

        The cost depends on the length of the path and the number of routes that could take it,
        not on the number of routes.
        """
        await self.application_for(scope)(scope, receive, send)

    def application_for(self, scope: Scope) -> ASGIApp:
        """Give what answers a scope, and write into the scope what it matched.

        For a plain route that is its application: all that its `handle` would do is to call it.
        """
        # Flat, `Plan.is_current` included, since it runs for every request.
        scope.setdefault("router", self)
        routes = self.routes
        plan = self._plans.get(scope["type"])
        if (
            plan is None
            or plan.source is not routes
            or type(routes) is not RouteList
            or routes.changes is not plan.changes
            or len(routes) != plan.size
            or plan.epoch is not Epoch.now
        ):
            if scope["type"] == "lifespan":
                return self.lifespan
            plan = self.plan_for(scope["type"])
        path = get_route_path(scope) if scope.get("root_path") else scope["path"]
        untouched = Route.handle is _HANDLE and Route.matches is _MATCHES
        route = plan.direct.get(path) if untouched else None
        if route is None or (route.methods and scope["method"] not in route.methods):
            return self._search(plan, path, scope, untouched)
        scope["route"] = route
        scope["endpoint"] = route.endpoint
        outer = scope.get("path_params")
        scope["path_params"] = {**outer} if outer else {}
        return route.app

    def _search(self, plan: Plan["Route"], path: str, scope: Scope, untouched: bool) -> ASGIApp:
        partial: tuple[BaseRoute, Scope, bool] | None = None
        allowed: set[str] = set()
        for position in plan.candidates(path):
            route = plan.routes[position]
            plain = plan.plain[position]
            if untouched and plain and type(route) is Route:
                # What `matches` would say of a method that the route takes, without its scope.
                if not route.methods or scope["method"] in route.methods:
                    params = route._params_in(path) if path.startswith(route._prefix) else None
                    if params is None:
                        continue
                    scope["route"] = route
                    scope["endpoint"] = route.endpoint
                    outer = scope.get("path_params")
                    scope["path_params"] = {**outer, **params} if outer else params
                    return route.app
            match, child_scope = route.matches(scope)
            if match is _FULL:
                scope["route"] = route
                scope.update(child_scope)
                calls_app = plain and type(route).handle is _HANDLES.get(type(route))
                return cast(Route, route).app if calls_app else route.handle
            if match is _PARTIAL:
                partial = partial or (route, child_scope, untouched and plain)
                allowed.update(getattr(route, "methods", None) or ())
        if partial is not None:
            scope[ALLOW_SCOPE_KEY] = allowed
            return _refusing(*partial, scope)
        location = self._slash_redirect(path, scope)
        return self.default if location is None else RedirectResponse(location)

    def plan_for(self, scope_type: str) -> Plan["Route"]:
        """Give the index over the present routes, for "http" or "websocket" scopes.

        It is built when the routes have changed since it was asked for last (5 ms per thousand).
        AssertionError for any other type of scope.
        """
        if scope_type not in ("http", "websocket"):
            raise AssertionError(f"A router answers http, websocket and lifespan, not {scope_type}")
        plan = self._plans.get(scope_type)
        if plan is None or not plan.is_current(self.routes):
            plan = self._plans[scope_type] = Plan(self.routes, scope_type, INDEXED_KINDS, Route)
        return plan

    def _slash_redirect(self, path: str, scope: Scope) -> str | None:
        """Give the URL of the path with or without its final slashes, if any route takes it."""
        if scope["type"] != "http" or not self.redirect_slashes or path == "/":
            return None
        plan = self.plan_for("http")
        whole = _with_other_end(scope["path"])
        # Where there is no root, what the index is asked about is known without a scope.
        if not scope.get("root_path") and not plan.candidates(whole):
            return None
        other = {**scope, "path": whole}
        for position in plan.candidates(get_route_path(other)):
            if plan.routes[position].matches(other)[0] is not _NONE:
                return str(URL(scope={**other, "path": _public_path(other)}))
        return None

    async def not_found(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 404, or close the websocket before it is accepted (servers answer 403).

        Inside an application the 404 is an HTTPException, for its handlers.
        """
        if scope["type"] == "websocket":
            await WebSocketClose()(scope, receive, send)
        else:
            await refusal(404, "Not Found", scope)(scope, receive, send)

    async def lifespan(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the router's lifespan, and then those of the mounts that ask for it."""
        context = self.lifespan_context
        mounted = [route for route in self.routes if getattr(route, "lifespan", None) is True]
        if mounted:
            apps = [application_lifespan(cast(Mount, route).app, scope) for route in mounted]
            context = together([context, *apps])
        await run_lifespan(context, scope, receive, send)

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        """Build the path of the first route of this name and these parameters.

        NoMatchFound when there is none. What a convertor says of a value it cannot write passes.
        """
        url = _first_url(self.routes, name, path_params)
        if url is None:
            raise NoMatchFound(name, path_params)
        return url

    def mount(
        self, path: str, app: ASGIApp, name: str | None = None, *, lifespan: bool = False
    ) -> None:
        """Append a `Mount`."""
        self.routes.append(Mount(path, app=app, name=name, lifespan=lifespan))

    def host(
        self, host: str, app: ASGIApp, name: str | None = None, *, lifespan: bool = False
    ) -> None:
        """Append a `Host`."""
        self.routes.append(Host(host, app=app, name=name, lifespan=lifespan))

    def add_route(
        self,
        path: str,
        endpoint: Callable[[Request], Awaitable[Response] | Response],
        methods: Collection[str] | None = None,
        name: str | None = None,
        include_in_schema: bool = True,
    ) -> None:
        """Append a `Route`."""
        self.routes.append(
            Route(path, endpoint, methods=methods, name=name, include_in_schema=include_in_schema)
        )

    def add_websocket_route(
        self, path: str, endpoint: Callable[[WebSocket], Awaitable[None]], name: str | None = None
    ) -> None:
        """Append a `WebSocketRoute`."""
        self.routes.append(WebSocketRoute(path, endpoint, name=name))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Router) and self.routes == other.routes


def _with_other_end(path: str) -> str:
    return path.rstrip("/") if path.endswith("/") else path + "/"


def _public_path(scope: Scope) -> str:
    """Give the path of a scope as it is written in a URL, below the prefix that a proxy took off.

    The server's `raw_path` is what the client wrote, and still fits if it decodes to the path.
    """
    path: str = scope["path"]
    raw = (scope.get("raw_path") or b"").decode("latin-1")
    raw = _with_other_end(raw)
    public = raw if raw.isascii() and unquote(raw) == path else path.replace("%", "%25")
    root: str = scope.get("app_root_path", scope.get("root_path", "")).rstrip("/")
    below_root = path == root or path.startswith(root + "/")
    return public if below_root else root.replace("%", "%25") + public


_BY_NAME = frozenset({Route.url_path_for, WebSocketRoute.url_path_for})
_HANDLE = Route.handle
_MATCHES = Route.matches
_APP = Router.app
# All that these do for a match is to call the application of the route.
_HANDLES: dict[type[BaseRoute], Any] = {
    kind: kind.handle for kind in (Route, WebSocketRoute, Mount, Host)
}

# The package's own functions, taken now: a class that has another one is not known to the index.
INDEXED_KINDS: IndexedKinds = {
    Route.matches: ("http",),
    WebSocketRoute.matches: ("websocket",),
    Mount.matches: ("http", "websocket"),
}
