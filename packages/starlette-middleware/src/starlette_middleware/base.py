"""`BaseHTTPMiddleware`: middleware as a function of a request and what comes after it.

    class Timing(BaseHTTPMiddleware):
        async def dispatch(self, request, call_next):
            began = time.perf_counter()
            response = await call_next(request)
            response.headers["server-timing"] = f"app;dur={time.perf_counter() - began}"
            return response

How the two sides of a request run, and why that needs no task, is told in `exchange`.
"""

from collections.abc import AsyncGenerator, AsyncIterable, MutableMapping
from typing import Any

from starlette_http.requests import Request
from starlette_http.response import Response
from starlette_http.types import ASGIApp, Receive, Scope, Send

from .exchange import CallNext as RequestResponseEndpoint, Dispatch as DispatchFunction, Exchange
from .relayed import _StreamingResponse as _StreamingResponse
from .replay import _CachedRequest as _CachedRequest

__all__ = [
    "AsyncContentStream",
    "BaseHTTPMiddleware",
    "BodyStreamGenerator",
    "DispatchFunction",
    "RequestResponseEndpoint",
]

BodyStreamGenerator = AsyncGenerator[bytes | MutableMapping[str, Any], None]
AsyncContentStream = AsyncIterable[str | bytes | memoryview | MutableMapping[str, Any]]


class BaseHTTPMiddleware:
    """Run `dispatch(request, call_next)` around the application, for http requests.

    Override `dispatch` in a subclass, or give a function. It returns a response of its own, or
    calls `call_next(request)`, once, and returns what that gives, with other headers or another
    `body_iterator` if it likes. The body of the request may be read on both sides.

    A layer that calls `call_next` and returns its response costs a few microseconds. It makes a
    task, for up to some 20 microseconds more, when dispatch awaits something else before
    `call_next`, holds a cancel scope or a task group open around it, and when the application
    streams from a child task.
    """

    def __init__(self, app: ASGIApp, dispatch: DispatchFunction | None = None) -> None:
        self.app = app
        self.dispatch_func: DispatchFunction = self.dispatch if dispatch is None else dispatch

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Dispatch http requests; everything else goes to the application as it is."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        else:
            await Exchange(self.app, self.dispatch_func, scope, receive, send).run()

    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        """Answer `request`, with the help of `call_next` or without. To be overridden."""
        raise NotImplementedError()
