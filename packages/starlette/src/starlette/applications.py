"""The application: a router, its middleware and its exception handlers behind one ASGI callable.

The layers of a request, outermost first: ServerErrorMiddleware, RequestBodyLimitMiddleware where
`max_body_size` is given, the user's middleware in order, ExceptionMiddleware, the router.
`shortpath` walks the package's own in a single coroutine, to the same effect.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Concatenate, ParamSpec, TypeVar

from starlette_http.body_limit import RequestBodyLimitMiddleware
from starlette_http.datastructures import State, URLPath
from starlette_http.exception_handling import StartWatch
from starlette_http.requests import Request
from starlette_http.response import EMPTY_STATUSES
from starlette_http.types import (
    ASGIApp,
    ExceptionHandler,
    Lifespan,
    MiddlewareRecord,
    Receive,
    Scope,
    Send,
)
from starlette_middleware.errors import ServerErrorMiddleware
from starlette_middleware.exceptions import ExceptionMiddleware
from starlette_middleware.record import Middleware
from starlette_routing.routing import SEND_RESPONSE, BaseRoute, RequestResponse, Router

from .shortpath import SERVER_ERRORS, ShortPath, short_path

__all__ = ["AppType", "Starlette"]

AppType = TypeVar("AppType", bound="Starlette")
P = ParamSpec("P")


class Starlette:
    """An ASGI application of routes, middleware, exception handlers and a lifespan.

    - `debug`: answer unhandled errors with a traceback. Never switch it on in production.
    - `routes`: the routes of `router`, tried in order.
    - `middleware`: records `(cls, args, kwargs)`, such as `Middleware(cls, ...)`; the first is
      the outermost.
    - `exception_handlers`: status code or exception class -> `handler(request, exc)`, sync or
      async. The one for 500 or `Exception` answers what nothing else handled.
    - `lifespan`: a function of the application that returns an async context manager, entered at
      startup and left at shutdown; what it yields becomes the state of each request. A sequence
      of them is entered in order and left in reverse.
    - `max_body_size`: the bytes a request body may have before it is answered 413; None, the
      default, sets no limit.
    - `errors_inside_middleware`: make the responses to unhandled errors inside the user's
      middleware, so that they carry its CORS headers and request ids. By default they are made
      outside, and pass through none of it.
    - `on_startup`, `on_shutdown`: callables without arguments, sync or async, run before the
      lifespan is entered and after it is left.
    """

    # On the class, since subclasses do not all call `__init__`.
    errors_inside_middleware: bool = False
    # Not there: to read what a class and its instance both have takes four times as long.
    _short_path: ShortPath | None

    def __init__(
        self,
        debug: bool = False,
        routes: Sequence[BaseRoute] | None = None,
        middleware: Sequence[MiddlewareRecord] | None = None,
        exception_handlers: Mapping[Any, ExceptionHandler] | None = None,
        lifespan: "Lifespan[Any] | Sequence[Lifespan[Any]] | None" = None,
        *,
        max_body_size: int | None = None,
        errors_inside_middleware: bool = False,
        on_startup: Sequence[Callable[[], Any]] | None = None,
        on_shutdown: Sequence[Callable[[], Any]] | None = None,
    ) -> None:
        self.debug = debug
        self.max_body_size = max_body_size
        self.errors_inside_middleware = errors_inside_middleware
        self.state: State = State()
        self.router: Router = Router(
            routes, lifespan=lifespan, on_startup=on_startup, on_shutdown=on_shutdown
        )
        self.exception_handlers: dict[Any, ExceptionHandler] = dict(exception_handlers or {})
        self.user_middleware: list[Middleware] = [_record(layer) for layer in middleware or ()]
        self.middleware_stack: ASGIApp | None = None

    @property
    def routes(self) -> list[BaseRoute]:
        """The router's own list: what is changed in it takes effect at once."""
        return self.router.routes

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        """The path of the route called `name`; raises NoMatchFound."""
        return self.router.url_path_for(name, **path_params)

    def mount(
        self, path: str, app: ASGIApp, name: str | None = None, *, lifespan: bool = False
    ) -> None:
        """Append a Mount of `app` under `path`; `lifespan` runs the lifespan of `app` as well."""
        self.router.mount(path, app=app, name=name, lifespan=lifespan)

    def host(
        self, host: str, app: ASGIApp, name: str | None = None, *, lifespan: bool = False
    ) -> None:
        """Append a Host that gives `app` all requests for `host`; `lifespan` as in `mount`."""
        self.router.host(host, app=app, name=name, lifespan=lifespan)

    def add_route(
        self,
        path: str,
        route: Callable[..., Any],
        methods: list[str] | None = None,
        name: str | None = None,
        include_in_schema: bool = True,
    ) -> None:
        """Append a Route of `path` to the endpoint `route`."""
        self.router.add_route(
            path, route, methods=methods, name=name, include_in_schema=include_in_schema
        )

    def add_middleware(
        self,
        middleware_class: Callable[Concatenate[ASGIApp, P], ASGIApp],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> None:
        """Put a layer around those there are; raises RuntimeError once the first request came."""
        if self.middleware_stack is not None:
            raise RuntimeError("Cannot add middleware after an application has started")
        self.user_middleware.insert(0, Middleware(middleware_class, *args, **kwargs))

    def add_exception_handler(
        self, exc_class_or_status_code: int | type[Exception], handler: ExceptionHandler
    ) -> None:
        """Handle an exception class or a status code; no effect on a stack already built."""
        self.exception_handlers[exc_class_or_status_code] = handler

    def build_middleware_stack(self) -> ASGIApp:
        """All layers around the router. Called once, before the first connection."""
        handlers = dict(self.exception_handlers)
        error_handler = None
        for key in [key for key in handlers if key in (500, Exception)]:
            error_handler = handlers.pop(key)
        errors = Middleware(ServerErrorMiddleware, handler=error_handler, debug=self.debug)
        layers: list[MiddlewareRecord] = [errors]
        if self.max_body_size is not None:
            layers.append(Middleware(RequestBodyLimitMiddleware, max_body_size=self.max_body_size))
        layers += self.user_middleware
        if self.errors_inside_middleware:
            layers.append(errors)
        layers.append(Middleware(ExceptionMiddleware, handlers=handlers, debug=self.debug))
        app: ASGIApp = self.router
        for cls, args, kwargs in reversed(layers):
            app = cls(app, *args, **kwargs)
        return app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["app"] = self
        stack: Any = self.middleware_stack
        if stack is None:
            stack = self.middleware_stack = self.build_middleware_stack()
            self._short_path = short_path(stack)
        if (
            type(stack) is not ServerErrorMiddleware
            or ServerErrorMiddleware.__call__ is not SERVER_ERRORS
        ):
            await stack(scope, receive, send)
            return
        if scope["type"] != "http":
            await stack.app(scope, receive, send)
            return
        # What the layers would do, without their coroutines: `shortpath` says when. The route and
        # the response in this frame as well leave two of them to a request, this and the endpoint.
        given: Any = send
        watch = given if type(given) is StartWatch else StartWatch(send)
        try:
            short = self._short_path
        except AttributeError:  # somebody else made the stack
            short = self._short_path = short_path(stack)
        request: Request | None = None
        try:
            if short is None or not short.stands_for(stack.app):
                await stack.app(scope, receive, watch)
                return
            try:
                scope["starlette.exception_handlers"] = short.exceptions.tables
                app: Any = short.router.application_for(scope)
                if type(app) is not RequestResponse:
                    await app(scope, receive, watch)
                    return
                request = Request(scope, receive, watch)
                response = await app.call(request)
                if type(response).__call__ is SEND_RESPONSE:
                    status, headers = response.status_code, response.raw_headers
                    watch.started = True
                    send = watch.send
                    await send(
                        {"type": "http.response.start", "status": status, "headers": headers}
                    )
                    body = b"" if status in EMPTY_STATUSES else response.body
                    await send({"type": "http.response.body", "body": body})
                    if response.background is not None:
                        await response.background()
                else:
                    await app.as_application(response)(scope, receive, watch)
            except Exception as exc:
                await short.answer(exc, request, scope, receive, watch)
            finally:
                if request is not None and request._form is not None:
                    await request.close()
        except Exception as exc:
            if await stack.answer(exc, scope, receive, watch, watch.started):
                raise


def _record(layer: MiddlewareRecord) -> Middleware:
    """`layer` itself, or a plain tuple of class, args and kwargs as the record of them."""
    if isinstance(layer, Middleware):
        return layer
    cls, args, kwargs = layer
    return Middleware(cls, *args, **kwargs)
