"""`ServerErrorMiddleware`: whatever else fails, the client gets a 500 and the server the exception.

The outermost layer of an application, around the user's middleware. An application may have it
twice: a second one *inside* the user's middleware makes the error response pass through those
layers, so that it gets their CORS headers and request ids; the outer one then has nothing left to
do but to pass the exception on, and answers what the layers themselves raise.
"""

import traceback
from collections.abc import Callable
from typing import Any

from starlette_http.callables import is_async_callable
from starlette_http.concurrency import run_in_threadpool
from starlette_http.exception_handling import watch_start
from starlette_http.negotiation import names_media_type
from starlette_http.requests import Request
from starlette_http.response import HTMLResponse, PlainTextResponse, Response
from starlette_http.types import ASGIApp, ExceptionHandler, Receive, Scope, Send

__all__ = ["ServerErrorMiddleware"]

# Which handler ran for which exception: an outer layer with the same handler has nothing to add.
_HANDLED = "starlette.server_error"


class ServerErrorMiddleware:
    """Answer unexpected exceptions with 500, and raise them again for the server to log.

    - `handler(request, exc)`: makes the response, sync (run in a thread) or async. It is called
      also when a response has started already, and its own is then not sent. The `request` has no
      receive. What it raises replaces the exception.
    - `debug`: answer with a traceback instead, as a page for browsers and as text for others.
      It shows source code, local variables and request headers: never switch it on in production.

    Without either, the response is the plain text "Internal Server Error".
    """

    def __init__(
        self, app: ASGIApp, handler: ExceptionHandler | None = None, debug: bool = False
    ) -> None:
        self.app = app
        self.handler = handler
        self.debug = debug

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application; every `Exception` it raises is raised from here as well."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        watch = watch_start(send)
        try:
            await self.app(scope, receive, watch)
        except Exception as exc:
            await self.answer(exc, scope, receive, send, watch.started)
            raise

    async def answer(
        self, exc: Exception, scope: Scope, receive: Receive, send: Send, started: bool
    ) -> None:
        """Make the response to `exc`, and send it unless one has `started` before."""
        response = await self._respond(scope, exc)
        if response is not None and not started:
            await response(scope, receive, send)

    async def _respond(self, scope: Scope, exc: Exception) -> Response | None:
        request = Request(scope)
        if self.debug:
            return await run_in_threadpool(self.debug_response, request, exc)
        if self.handler is None:
            return self.error_response(request, exc)
        if scope.get(_HANDLED) == (exc, self.handler):
            return None
        scope[_HANDLED] = (exc, self.handler)
        handler: Callable[..., Any] = self.handler
        if is_async_callable(handler):
            response: Response | None = await handler(request, exc)
            return response
        return await run_in_threadpool(handler, request, exc)

    def error_response(self, request: Request, exc: Exception) -> Response:
        """The response when there is neither a handler nor debug."""
        return PlainTextResponse("Internal Server Error", status_code=500)

    def debug_response(self, request: Request, exc: Exception) -> Response:
        """The traceback: a page for clients that ask for text/html, text for all others."""
        if names_media_type(request.headers.get("accept"), "text/html"):
            return HTMLResponse(self.generate_html(exc), status_code=500)
        return PlainTextResponse(self.generate_plain_text(exc), status_code=500)

    def generate_html(self, exc: Exception, limit: int = 7) -> str:
        """The debug page, with `limit` source lines around each frame."""
        return "<pre>" + self.generate_plain_text(exc)

    def generate_plain_text(self, exc: Exception) -> str:
        """The traceback as the interpreter prints it."""
        return "".join(traceback.format_exception(exc))
