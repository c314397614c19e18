"""Names with the behaviour of Starlette's first document, built on the parts of today."""

import functools
import inspect
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from .asgi2 import two_step_call
from .background import BackgroundTask
from .callables import is_async_callable
from .concurrency import run_in_threadpool
from .requests import Request
from .response import RedirectResponse as _RedirectResponse, Response
from .types import ASGIApp, Receive, Scope, Send
from .urls import URL

__all__ = ["RedirectResponse", "asgi_application"]


class RedirectResponse(_RedirectResponse):
    """Send the client to `url`; the status is 302 by default, which turns a POST into a GET."""

    def __init__(
        self,
        url: str | URL,
        status_code: int = 302,
        headers: Mapping[str, str] | None = None,
        background: BackgroundTask | None = None,
    ) -> None:
        super().__init__(url, status_code, headers, background)


def asgi_application(func: Callable[[Request], Response | Awaitable[Response]]) -> ASGIApp:
    """Make an ASGI application of `func(request) -> response`; to be used as a decorator.

    A plain `func` runs in a worker thread. When the response was sent, the files of a form that
    `func` has read are closed. The application can be called as ASGI-3,
    `await app(scope, receive, send)`, and as ASGI-2, `await app(scope)(receive, send)`. It answers
    HTTP only: any other scope, lifespan too, is a `RuntimeError` that names its type.

        @asgi_application
        def app(request):
            return Response("Hello, world!", media_type="text/plain")
    """
    return _RequestFunction(func)


class _RequestFunction:
    def __init__(self, func: Callable[[Request], Any]) -> None:
        functools.update_wrapper(self, func)
        # The signature of the application, which would otherwise be that of `func`.
        self.__signature__ = _SIGNATURE
        self._respond: Callable[..., Awaitable[ASGIApp]] = (
            func if is_async_callable(func) else _in_thread(func)
        )

    @two_step_call
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise RuntimeError(f"{self!r} answers http requests only, not {scope['type']!r}.")
        request = Request(scope, receive, send)
        try:
            response = await self._respond(request)
            await response(scope, receive, send)
        finally:
            await request.close()

    def __repr__(self) -> str:
        return f"<asgi_application {getattr(self, '__qualname__', '')}>"


def _in_thread(func: Callable[[Request], ASGIApp]) -> Callable[[Request], Awaitable[ASGIApp]]:
    async def respond(request: Request) -> ASGIApp:
        return await run_in_threadpool(func, request)

    return respond


def _application(scope: Scope, receive: Receive, send: Send) -> None: ...


_SIGNATURE = inspect.signature(_application)
