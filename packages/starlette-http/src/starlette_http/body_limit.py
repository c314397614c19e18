"""Request bodies over a size are refused with 413, before they are in memory.

1. `receive()` raises, inside the application, when the Content-Length or the bytes that have come
   exceed the limit. An exception handler may answer that; if nobody does, the outermost limit does.
2. An application that answers without reading a body that is announced as too large has its
   response replaced.
3. Limits nest: bytes are counted once, and the innermost limit is the one in force, whether it is
   lower or higher.
"""

from .exceptions import HTTPException
from .response import PlainTextResponse
from .types import ASGIApp, Message, Receive, Scope, Send

__all__ = [
    "MAX_BODY_SIZE_SCOPE_KEY",
    "RequestBodyLimitMiddleware",
    "RequestBodyLimitResponder",
]

MAX_BODY_SIZE_SCOPE_KEY = "starlette.max_body_size"
_RESPONDER_SCOPE_KEY = "starlette._body_limit_responder"


class _RequestBodyTooLarge(HTTPException):
    """The body exceeds the limit in force. Raised by `receive()`."""

    def __init__(self) -> None:
        super().__init__(413, "Content Too Large")


class _RequestBodyLimitResponseSent(Exception):
    """Ends the application whose response was replaced by the 413. Raised by `send()`."""


class RequestBodyLimitMiddleware:
    """Refuse request bodies over `max_body_size` bytes with 413 Content Too Large.

    Inside, `scope["starlette.max_body_size"]` is the limit in force. Costs an object and a look
    through the header names per request, and two frames per message.
    """

    def __init__(self, app: ASGIApp, max_body_size: int) -> None:
        if isinstance(max_body_size, bool) or max_body_size < 0:
            raise ValueError(f"max_body_size is {max_body_size}: give a number of bytes, 0 or more")
        self.app = app
        self.max_body_size = max_body_size

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application, with its limit if this is an HTTP request."""
        if scope["type"] == "http":
            await RequestBodyLimitResponder(self.app, self.max_body_size)(scope, receive, send)
        else:
            await self.app(scope, receive, send)


class RequestBodyLimitResponder:
    """The limit of one request.

    The outermost one counts and answers; one inside of it only changes, for its application, what
    the outermost one compares with.
    """

    def __init__(self, app: ASGIApp, max_body_size: int) -> None:
        self.app = app
        self.max_body_size = max_body_size
        self.content_length: int = 0
        self.total_size: int = 0
        self.response_started: bool = False
        self._limit = max_body_size
        self._complete = False
        self._refused = False
        self._replaced = False

    @property
    def scope(self) -> Scope:
        """The scope that is being served."""
        return self._scope

    @property
    def receive(self) -> Receive:
        """The server's channel."""
        return self._receive

    @property
    def send(self) -> Send:
        """The server's channel."""
        return self._send

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application under the limit."""
        outermost: RequestBodyLimitResponder | None = scope.get(_RESPONDER_SCOPE_KEY)
        if outermost is None:
            await self._answer(scope, receive, send)
        else:
            await self._run(outermost, scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope, self._receive, self._send = scope, receive, send
        self.content_length = _content_length(scope)
        scope[_RESPONDER_SCOPE_KEY] = self
        try:
            await self._run(self, scope, self.receive_with_limit, self.send_with_limit)
        except Exception as exc:
            if self._replaced and _is_only(_OURS, exc):
                return
            if self.response_started or not _is_only(_RequestBodyTooLarge, exc):
                raise
            await self._send_413()
        finally:
            scope.pop(_RESPONDER_SCOPE_KEY, None)

    async def _run(
        self, outermost: "RequestBodyLimitResponder", scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Run the application while our limit is the one in force."""
        outer_limit, outer_key = outermost._limit, scope.get(MAX_BODY_SIZE_SCOPE_KEY)
        outermost._limit = scope[MAX_BODY_SIZE_SCOPE_KEY] = self.max_body_size
        try:
            outermost._check_size()
            await self.app(scope, receive, send)
        finally:
            outermost._limit = outer_limit
            if outer_key is None:
                scope.pop(MAX_BODY_SIZE_SCOPE_KEY, None)
            else:
                scope[MAX_BODY_SIZE_SCOPE_KEY] = outer_key

    async def receive_with_limit(self) -> Message:
        """What the application has as `receive`."""
        # After the body only a disconnect comes, and the limit may be an outer, lower one again.
        if self._complete:
            return await self._receive()
        self._check_size()
        if self.content_length > self._limit:
            self._refuse()
        message = await self._receive()
        if message["type"] == "http.request":
            self._complete = not message.get("more_body", False)
            self.total_size += len(message.get("body", b""))
            self._check_size()
        return message

    async def send_with_limit(self, message: Message) -> None:
        """What the application has as `send`."""
        if message["type"] == "http.response.start" and not self._replaced:
            self.response_started = True
            if self._is_to_be_replaced(message["status"]):
                self._replaced = True
                await self._send_413()
        if not self._replaced:
            await self._send(message)
        elif not self._refused:
            raise _RequestBodyLimitResponseSent()

    def _is_to_be_replaced(self, status: int) -> bool:
        if self._refused:
            # A framework that does not know our exception: the client's error is not the server's.
            return status == 500
        return self.total_size == 0 and self.content_length > self._limit

    def _check_size(self) -> None:
        if self.total_size > self._limit:
            self._refuse()

    def _refuse(self) -> None:
        self._refused = True
        raise _RequestBodyTooLarge()

    async def _send_413(self) -> None:
        response = PlainTextResponse("Content Too Large", status_code=413)
        await response(self._scope, self._receive, self._send)


_OURS = (_RequestBodyTooLarge, _RequestBodyLimitResponseSent)


def _content_length(scope: Scope) -> int:
    # A list, since an iterator could be read only once and the application wants to read it too.
    headers: list[tuple[bytes, bytes]] = list(scope.get("headers") or ())
    scope["headers"] = headers
    for name, value in headers:
        if name == b"content-length" and value.isdigit():
            # More than twenty digits are over any limit, and may be more than int() accepts.
            return int(value.lstrip(b"0")[:20] or 0)
    return 0


def _is_only(kind: type[Exception] | tuple[type[Exception], ...], exc: Exception) -> bool:
    """Whether this is one of these exceptions, or a task group's collection of nothing else."""
    if isinstance(exc, ExceptionGroup):
        return exc.split(kind)[1] is None
    return isinstance(exc, kind)
