"""`DebugMiddleware`: answer an exception with its traceback, and be done with it.

For development, around an application that has no `Starlette(debug=True)`. Unlike
`ServerErrorMiddleware` it does not raise the exception again, and it takes ASGI-2 applications too.
"""

import html
import traceback
from typing import Any

from starlette_http.asgi2 import ASGI2App, as_asgi3, two_step_call
from starlette_http.exception_handling import watch_start
from starlette_http.negotiation import names_media_type
from starlette_http.requests import Request
from starlette_http.response import HTMLResponse, PlainTextResponse, Response
from starlette_http.types import ASGIApp, Receive, Scope, Send

__all__ = ["DebugMiddleware"]

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>500 Server Error</title></head>
<body>
<h1>500 Server Error</h1>
<pre>{traceback}</pre>
</body>
</html>
"""


class DebugMiddleware:
    """Answer exceptions of `app`, which is ASGI-3 or ASGI-2, with 500 and the traceback.

    Clients that ask for text/html get a page, others plain text. Once the response has started an
    exception is raised again. Never use it in production: a traceback shows source code.

    Called as `await middleware(scope, receive, send)`, or in the two steps of ASGI-2,
    `await middleware(scope)(receive, send)`.
    """

    def __init__(self, app: ASGIApp | ASGI2App) -> None:
        self.app: ASGIApp = as_asgi3(app)

    @two_step_call
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        watch = watch_start(send)
        try:
            await self.app(scope, receive, watch)
        except Exception as exc:
            if watch.started:
                raise
            await _response(Request(scope), exc)(scope, receive, send)


def _response(request: Request[Any], exc: Exception) -> Response:
    text = "".join(traceback.format_exception(exc))
    if names_media_type(request.headers.get("accept"), "text/html"):
        return HTMLResponse(_PAGE.format(traceback=html.escape(text)), status_code=500)
    return PlainTextResponse(text, status_code=500)
