"""`WSGIMiddleware`: serve a WSGI application (PEP 3333) as an ASGI one. Deprecated: use a2wsgi.

The application runs in a worker thread for as long as its response takes. What it yields goes out
at once and it waits until that is done; the request body comes from the client as it is read.
"""

import io
import sys
import warnings
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any

from anyio import from_thread, to_thread

from starlette_http.exceptions import StarletteDeprecationWarning
from starlette_http.paths import get_route_path
from starlette_http.requests import ClientDisconnect
from starlette_http.types import Message, Receive, Scope, Send

from .messages import request_headers

warnings.warn(
    "starlette.middleware.wsgi is deprecated and will be removed in a future release. "
    "Please refer to https://github.com/abersheeran/a2wsgi as a replacement.",
    StarletteDeprecationWarning,
    # At the user's import, also where that is of the module of this name, which imports this one.
    stacklevel=3 if "starlette.middleware.wsgi" in sys.modules else 2,
)

__all__ = ["WSGIMiddleware", "WSGIResponder", "build_environ"]

Environ = dict[str, Any]
ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]
StartResponse = Callable[..., Callable[[bytes], None]]
WSGIApp = Callable[[Environ, StartResponse], Iterable[bytes]]

_SEPARATORS = {"HTTP_COOKIE": "; "}
_WITHOUT_PREFIX = ("CONTENT_LENGTH", "CONTENT_TYPE")


def build_environ(scope: Scope, body: bytes) -> dict[str, Any]:
    """Give the WSGI environment of an http scope, with `body` to be read."""
    host, port = scope.get("server") or ("localhost", 80)
    environ = {
        "REQUEST_METHOD": scope.get("method", "GET"),
        "SCRIPT_NAME": _latin1(scope.get("root_path", "")),
        "PATH_INFO": _latin1(get_route_path(scope)),
        "QUERY_STRING": scope.get("query_string", b"").decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope.get('http_version', '1.1')}",
        "SERVER_NAME": host,
        "SERVER_PORT": str(port or 80),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stdout,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    if client := scope.get("client"):
        environ["REMOTE_ADDR"] = client[0]
    for raw_name, raw_value in request_headers(scope):
        name = raw_name.decode("latin-1").upper().replace("-", "_")
        name = name if name in _WITHOUT_PREFIX else f"HTTP_{name}"
        value = raw_value.decode("latin-1")
        if name in environ:
            value = environ[name] + _SEPARATORS.get(name, ",") + value
        environ[name] = value
    return environ


def _latin1(text: str) -> str:
    """PEP 3333, "Unicode Issues": the bytes of the text as code points."""
    return text.encode("utf-8").decode("latin-1")


class WSGIMiddleware:
    """Serve a WSGI application; `AssertionError` for a scope that is not http."""

    def __init__(self, app: WSGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, through a responder of its own."""
        if scope["type"] != "http":
            raise AssertionError(f"WSGIMiddleware serves http scopes, not {scope['type']!r}.")
        await WSGIResponder(self.app, scope)(receive, send)


class WSGIResponder:
    """Answer one request by a WSGI application.

    An error that the application reports with `exc_info` is raised once its response was sent.
    """

    def __init__(self, app: WSGIApp, scope: Scope) -> None:
        self.app = app
        self.scope = scope
        self.status: int = 0
        self.response_headers: list[tuple[bytes, bytes]] = []
        self.response_started: bool = False
        self.exc_info: ExcInfo | None = None
        self._is_sent = False

    async def __call__(self, receive: Receive, send: Send) -> None:
        """Run the application in a worker thread, and send all that it gives."""
        self._send = send
        environ = build_environ(self.scope, b"")
        environ["wsgi.input"] = io.BufferedReader(_RequestBody(receive))
        environ["wsgi.input_terminated"] = True
        await to_thread.run_sync(self.wsgi, environ, self.start_response)
        if not self.response_started:
            raise RuntimeError("The WSGI application did not call start_response().")
        await self._send_body(b"", more_body=False)
        if self.exc_info is not None:
            raise self.exc_info[1].with_traceback(self.exc_info[2])

    def wsgi(self, environ: Environ, start_response: StartResponse) -> None:
        """Run the application to its end; called in the worker thread."""
        result = self.app(environ, start_response)
        try:
            for item in result:
                self._write(item)
        finally:
            if close := getattr(result, "close", None):
                close()

    def start_response(
        self,
        status: str,
        response_headers: list[tuple[str, str]],
        exc_info: ExcInfo | None = None,
    ) -> Callable[[bytes], None]:
        """Take status and headers, which go out with the first bytes; give `write`."""
        if exc_info is not None:
            self.exc_info = exc_info
            if self._is_sent:
                raise exc_info[1].with_traceback(exc_info[2])
        elif self.response_started:
            raise RuntimeError("start_response() was called again without exc_info.")
        self.response_started = True
        self.status = int(status.split(" ")[0])
        self.response_headers = [
            (name.strip().lower().encode("latin-1"), value.strip().encode("latin-1"))
            for name, value in response_headers
        ]
        return self._write

    def _write(self, item: bytes) -> None:
        if not self.response_started:
            raise RuntimeError("The WSGI application gave a body before start_response().")
        # Until there is something to send, an error may still replace the response.
        if item or self._is_sent:
            from_thread.run(self._send_body, item)

    async def _send_body(self, body: bytes, more_body: bool = True) -> None:
        if not self._is_sent:
            self._is_sent = True
            await self._send(
                {
                    "type": "http.response.start",
                    "status": self.status,
                    "headers": self.response_headers,
                }
            )
        await self._send({"type": "http.response.body", "body": body, "more_body": more_body})


class _RequestBody(io.RawIOBase):
    """The body of a request as a file, for a worker thread: reading waits for the client."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._chunk = memoryview(b"")
        self._more_body = True

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._chunk and self._more_body:
            message = from_thread.run(self._next_message)
            if message["type"] == "http.disconnect":
                raise ClientDisconnect()
            self._chunk = memoryview(message.get("body") or b"")
            self._more_body = message.get("more_body", False)
        size = min(len(buffer), len(self._chunk))
        buffer[:size], self._chunk = self._chunk[:size], self._chunk[size:]
        return size

    async def _next_message(self) -> Message:
        return await self._receive()
