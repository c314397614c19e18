"""The short path of a request: the layers of the package and the router in one frame.

Outermost in every application is ServerErrorMiddleware; innermost are ExceptionMiddleware, Router
and Route, and between them whatever layers the user has. Awaiting each of the package's own for
every request costs more than all they do for one that raises nothing. So `Starlette.__call__` does
in its own frame what the outermost does, and awaits the layer inside of it. Where that is already
ExceptionMiddleware, a `ShortPath` stands for it and for the router: the frame writes the scope as
they would, asks the router what answers, and awaits that. When it raises, the layers answer, in
their order.

This is done only while nothing differs. The stack, the layers in it and the functions of their
classes are compared by identity for every request, so that what is replaced, on a class, on an
instance or in the stack, takes effect at once: the request then goes through the real layer. What
may be replaced further in, the router looks up when it is used.
"""

from typing import Any

from starlette_http.exception_handling import StartWatch, handle_exception
from starlette_http.requests import Request
from starlette_http.types import Receive, Scope
from starlette_middleware.errors import ServerErrorMiddleware
from starlette_middleware.exceptions import ExceptionMiddleware
from starlette_routing.routing import Router

__all__ = ["SERVER_ERRORS", "ShortPath", "short_path"]

# The package's own functions, taken when nobody can have replaced them yet.
SERVER_ERRORS: Any = ServerErrorMiddleware.__call__
_EXCEPTIONS = ExceptionMiddleware.__call__
_ROUTER = Router.__call__
_DISPATCH = Router.app


class ShortPath:
    """What an ExceptionMiddleware and the router in it do for an http request."""

    __slots__ = ("_entry", "exceptions", "router")

    def __init__(self, exceptions: ExceptionMiddleware, router: Router) -> None:
        self.exceptions: ExceptionMiddleware = exceptions
        self.router: Router = router
        self._entry = router.middleware_stack

    def stands_for(self, layer: Any) -> bool:
        """Tell whether `layer` would do what this does."""
        router = self.router
        return (
            layer is self.exceptions
            and layer.app is router
            and router.middleware_stack is self._entry
            and not router._has_own_app
            and Router.app is _DISPATCH
            and Router.__call__ is _ROUTER
            and ExceptionMiddleware.__call__ is _EXCEPTIONS
        )

    async def answer(
        self,
        exc: Exception,
        request: Request | None,
        scope: Scope,
        receive: Receive,
        watch: StartWatch,
    ) -> None:
        """Answer what an endpoint raised for `request`, or what was raised before there was one.

        What has no handler is raised. What a handler of the endpoint's raises is asked for again,
        as it meets both the route and ExceptionMiddleware on the long path.
        """
        tables = self.exceptions.tables
        for conn in (request, Request(scope, receive, watch)):
            if conn is not None:
                try:
                    await handle_exception(exc, tables, conn, scope, receive, watch, watch.started)
                    return
                except Exception as raised:
                    exc = raised
        raise exc


def short_path(stack: Any) -> ShortPath | None:
    """Give the short path inside the outermost layer; None where a layer is not the package's."""
    exceptions: Any = getattr(stack, "app", None)
    router: Any = getattr(exceptions, "app", None)
    if type(exceptions) is not ExceptionMiddleware or type(router) is not Router:
        return None
    has_layers = router.middleware_stack != router._dispatch
    return None if has_layers else ShortPath(exceptions, router)
