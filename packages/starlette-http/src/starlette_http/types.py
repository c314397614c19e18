"""The types of the ASGI interface, and of what applications hand to it.

`Scope`, `Message`, `Receive`, `Send` and `ASGIApp` are those of the ASGI specification, version 3.
The rest name what users pass to applications and routers: lifespans, exception handlers, and the
records that describe a middleware layer.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from .requests import Request
    from .response import Response

__all__ = [
    "ASGIApp",
    "AppType",
    "ExceptionHandler",
    "HTTPExceptionHandler",
    "Lifespan",
    "Message",
    "MiddlewareRecord",
    "Receive",
    "Scope",
    "Send",
    "StatefulLifespan",
    "StatelessLifespan",
    "WebSocketExceptionHandler",
]

AppType = TypeVar("AppType")

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]

Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]

StatelessLifespan = Callable[[AppType], AbstractAsyncContextManager[None]]
StatefulLifespan = Callable[[AppType], AbstractAsyncContextManager[Mapping[str, Any]]]
Lifespan = StatelessLifespan[AppType] | StatefulLifespan[AppType]

HTTPExceptionHandler = Callable[["Request", Exception], "Response | Awaitable[Response]"]
# The connection is a starlette_websockets.WebSocket, a class that this package does not know.
WebSocketExceptionHandler = Callable[[Any, Exception], Awaitable[None]]
ExceptionHandler = HTTPExceptionHandler | WebSocketExceptionHandler


class MiddlewareRecord(Protocol):
    """One middleware layer as data: it unpacks to `(cls, args, kwargs)`.

    The layer is built as `cls(app, *args, **kwargs)`. `starlette_middleware.Middleware` is one;
    so is a plain tuple of these three.
    """

    def __iter__(self) -> Iterator[Any]: ...
