"""`ServerErrorMiddleware`: whatever else fails, the client gets a 500 and the server the exception.

The outermost layer of an application, around the user's middleware. An application may have it
twice: a second one *inside* the user's middleware makes the error response pass through those
layers, so that it gets their CORS headers and request ids; the outer one then has nothing left to
do but to pass the exception on, and answers what the layers themselves raise.
"""

import inspect
from collections.abc import Callable
from typing import Any

from starlette_http.callables import is_async_callable
from starlette_http.concurrency import run_in_threadpool
from starlette_http.exception_handling import watch_start
from starlette_http.negotiation import names_media_type
from starlette_http.requests import ClientDisconnect, Request
from starlette_http.response import HTMLResponse, PlainTextResponse, Response
from starlette_http.types import ASGIApp, ExceptionHandler, Receive, Scope, Send

from .debug_page import (
    escape,
    fill,
    frames,
    heading,
    limited_time,
    locals_html,
    related,
    request_html,
)
from .debug_templates import (
    CENTER_LINE,
    FRAME_TEMPLATE,
    JS,
    LINE,
    REQUEST_PLACE,
    STYLES,
    TEMPLATE,
)

__all__ = [
    "CENTER_LINE",
    "FRAME_TEMPLATE",
    "JS",
    "LINE",
    "STYLES",
    "TEMPLATE",
    "ServerErrorMiddleware",
]

# Which handler ran for which exception: an outer layer with the same handler has nothing to add.
_HANDLED = "starlette.server_error"


class ServerErrorMiddleware:
    """Answer unexpected exceptions with 500, and raise them again for the server to log.

    - `handler(request, exc)`: makes the response, sync (run in a thread) or async. It is called
      also when a response has started already, and its own is then not sent. The `request` has no
      receive. What it raises replaces the exception.
    - `debug`: answer with a traceback instead, as a page for browsers and as text for others.
      It shows source code, local variables and request headers: never switch it on in production.

    Without either, the response is the plain text "Internal Server Error". A `ClientDisconnect`
    ends here: it is neither answered nor raised again.
    """

    def __init__(
        self, app: ASGIApp, handler: ExceptionHandler | None = None, debug: bool = False
    ) -> None:
        self.app = app
        self.handler = handler
        self.debug = debug

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application; what it raises is raised from here as well, as `answer` tells."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        watch = watch_start(send)
        try:
            await self.app(scope, receive, watch)
        except Exception as exc:
            if await self.answer(exc, scope, receive, send, watch.started):
                raise

    async def answer(
        self, exc: Exception, scope: Scope, receive: Receive, send: Send, started: bool
    ) -> bool:
        """Make the response to `exc`, and send it unless one has `started` before.

        Gives whether `exc` is to be raised again. It is not when it says that the client has left:
        nobody is there to be answered, and nothing has failed. Only a test client asks to be told.
        """
        if isinstance(exc, ClientDisconnect) and "starlette.raise_disconnects" not in scope:
            return False
        if started and (self.debug or self.handler is None):
            return True
        response = await self._respond(scope, exc)
        if response is not None and not started:
            await response(scope, receive, send)
        return True

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
        if not names_media_type(request.headers.get("accept"), "text/html"):
            return PlainTextResponse(self.generate_plain_text(exc), status_code=500)
        page = self.generate_html(exc)
        page = page.replace(REQUEST_PLACE, request_html(request), 1)
        return HTMLResponse(page.encode("utf-8", "backslashreplace"), status_code=500)

    def generate_html(self, exc: Exception, limit: int = 7) -> str:
        """The debug page: `exc` and what it came from, with `limit` source lines for each frame."""
        with limited_time():
            sections = "".join(
                self._section_html(sentence, exception, limit)
                for sentence, exception in related(exc)
            )
        return fill(TEMPLATE, styles=STYLES, js=JS, error=escape(heading(exc)), exc_html=sections)

    def _section_html(self, sentence: str, exc: BaseException, limit: int) -> str:
        if not sentence:  # the exception of the page's own heading
            return self._traceback_html(exc, limit, is_first=True)
        title = f'<p class="note">{escape(sentence)}</p><h3>{escape(heading(exc))}</h3>'
        return title + self._traceback_html(exc, limit, is_first=False)

    def _traceback_html(self, exc: BaseException, limit: int, is_first: bool) -> str:
        parts: list[str] = []
        for frame in frames(exc, limit):
            if isinstance(frame, int):
                parts.append(f'<p class="note">{frame} frames are left out</p>')
            else:
                parts.append(self.generate_frame_html(frame, bool(parts) or not is_first))
        return "".join(parts)

    def generate_frame_html(self, frame: inspect.FrameInfo, is_collapsed: bool) -> str:
        """One frame: its place, its source, and its local variables."""
        lines = [
            self.format_line(index, line, frame.lineno, frame.index or 0)
            for index, line in enumerate(frame.code_context or [])
        ]
        return fill(
            FRAME_TEMPLATE,
            open="" if is_collapsed else " open",
            frame_filename=escape(frame.filename),
            frame_lineno=str(frame.lineno),
            frame_name=escape(frame.function),
            code_context="".join(lines),
            frame_locals=locals_html(frame.frame.f_locals),
        )

    def format_line(self, index: int, line: str, frame_lineno: int, frame_index: int) -> str:
        """Line number `index` of a frame's source, of which number `frame_index` is the current."""
        template = CENTER_LINE if index == frame_index else LINE
        lineno = frame_lineno - frame_index + index
        return fill(template, line=escape(line.rstrip("\n")), lineno=str(lineno))

    def generate_plain_text(self, exc: Exception) -> str:
        """The traceback as the interpreter prints it."""
        import traceback  # only what fails needs it

        return "".join(traceback.format_exception(exc))
