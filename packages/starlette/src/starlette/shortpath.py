"""The short path of a request: three layers and the router in the frame of the application.

An application without middleware of the user's is always the same tower: ServerErrorMiddleware,
ExceptionMiddleware, Router, Route. Awaiting each of them for every request costs more than all
they do for one that raises nothing. While a `ShortPath` stands for the tower, `Starlette.__call__`
writes the scope as the layers would, asks the router what answers, and awaits that itself; when it
raises, `ShortPath.answer` has the layers answer, in their order.

It stands for them only while nothing differs. The stack, the layers in it and the functions of
their classes are compared by identity for every request, so that what is replaced, on a class, on
an instance or in the stack, takes effect at once: the request then takes the long path through the
real layers. What may be replaced further in, the router looks up when it is used.
"""

from typing import Any

from starlette_http.exception_handling import StartWatch, handle_exception
from starlette_http.requests import Request
from starlette_http.types import Receive, Scope
from starlette_middleware.errors import ServerErrorMiddleware
from starlette_middleware.exceptions import ExceptionMiddleware
from starlette_routing.routing import Router

__all__ = ["ShortPath", "short_path"]

# The package's own functions, taken when nobody can have replaced them yet.
_SERVER_ERRORS = ServerErrorMiddleware.__call__
_EXCEPTIONS = ExceptionMiddleware.__call__
_ROUTER = Router.__call__
_DISPATCH = Router.app


class ShortPath:
    """What the layers of one stack do for an http request, without calling them."""

    __slots__ = ("_entry", "exceptions", "router", "stack")

    def __init__(
        self, errors: ServerErrorMiddleware, exceptions: ExceptionMiddleware, router: Router
    ) -> None:
        self.stack: ServerErrorMiddleware = errors
        self.exceptions: ExceptionMiddleware = exceptions
        self.router: Router = router
        self._entry = router.middleware_stack

    def stands_for(self, stack: Any, scope: Scope) -> bool:
        """Tell whether the layers of `stack` would do for a request what this does."""
        router = self.router
        return (
            stack is self.stack
            and scope["type"] == "http"
            and stack.app is self.exceptions
            and self.exceptions.app is router
            and router.middleware_stack is self._entry
            and "app" not in router.__dict__
            and Router.app is _DISPATCH
            and Router.__call__ is _ROUTER
            and ServerErrorMiddleware.__call__ is _SERVER_ERRORS
            and ExceptionMiddleware.__call__ is _EXCEPTIONS
        )

    async def answer(
        self, exc: Exception, scope: Scope, receive: Receive, watch: StartWatch
    ) -> None:
        """Answer what matching or the route's application raised, as the layers around it would."""
        scope["starlette.exception_handlers"] = self.exceptions.tables
        try:
            request = Request(scope, receive, watch)
            await handle_exception(exc, request, receive, watch, watch.started)
        except Exception as unhandled:
            await self.stack.answer(unhandled, scope, receive, watch, watch.started)
            raise


def short_path(stack: Any) -> ShortPath | None:
    """Give the short path of a stack; None where a layer is not the package's own."""
    if type(stack) is not ServerErrorMiddleware:
        return None
    exceptions: Any = stack.app
    router: Any = getattr(exceptions, "app", None)
    if type(exceptions) is not ExceptionMiddleware or type(router) is not Router:
        return None
    has_layers = router.middleware_stack != router._dispatch
    return None if has_layers else ShortPath(stack, exceptions, router)
