"""`AuthenticationMiddleware`: ask a backend who each connection belongs to.

    app = AuthenticationMiddleware(app, backend=TokenBackend())

The rest of authentication (backends, users, credentials, `requires`) is
`starlette_middleware.auth`.
"""

from collections.abc import Awaitable, Callable
from inspect import isawaitable

from starlette_http.denial import refuse
from starlette_http.requests import HTTPConnection
from starlette_http.response import PlainTextResponse, Response
from starlette_http.types import ASGIApp, Receive, Scope, Send

from .auth import (
    AuthCredentials,
    AuthenticationBackend,
    AuthenticationError,
    UnauthenticatedUser,
)
from .messages import request_headers

__all__ = ["AuthenticationMiddleware"]

ErrorResponder = Callable[[HTTPConnection, AuthenticationError], Response | Awaitable[Response]]


class AuthenticationMiddleware:
    """Set `scope["auth"]` and `scope["user"]` of http and websocket connections.

    - `backend`: its `authenticate(conn)` gives both, or None for nobody in particular.
    - `on_error(conn, exc)`: makes the response, sync or async, where the backend raises
      `AuthenticationError`; `default_on_error` if it is not given. Other exceptions go on.
    """

    def __init__(
        self,
        app: ASGIApp,
        backend: AuthenticationBackend,
        on_error: ErrorResponder | None = None,
    ) -> None:
        self.app = app
        self.backend = backend
        self.on_error: ErrorResponder = on_error or self.default_on_error

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Authenticate the connection and run the application."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        request_headers(scope)
        conn = HTTPConnection(scope)
        try:
            found = await self.backend.authenticate(conn)
        except AuthenticationError as exc:
            await refuse(await self._respond(conn, exc), scope, receive, send)
            return
        scope["auth"], scope["user"] = found or (AuthCredentials(), UnauthenticatedUser())
        await self.app(scope, receive, send)

    async def _respond(self, conn: HTTPConnection, exc: AuthenticationError) -> Response:
        response = self.on_error(conn, exc)
        return await response if isawaitable(response) else response

    @staticmethod
    def default_on_error(conn: HTTPConnection, exc: Exception) -> Response:
        """Answer 400 with the text of the error."""
        return PlainTextResponse(str(exc), status_code=400)
