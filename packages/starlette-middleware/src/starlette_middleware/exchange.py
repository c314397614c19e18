"""One request between a dispatch function and the application.

Dispatch waits in `call_next`, and wherever it reads the body of the response, for the next message
of the application; the application waits in `send` until dispatch has done with its message. How
that is possible without a task is told in `turns`. When dispatch returns the response as
`call_next` gave it, with at most other status and headers, its part is over: the application goes
on alone, and its `send` leads to the server.
"""

import asyncio
from collections.abc import Awaitable, Callable
from types import CoroutineType
from typing import Any

import anyio
import anyio.lowlevel

from starlette_http.requests import ClientDisconnect, Request
from starlette_http.response import Response
from starlette_http.types import ASGIApp, Message, Receive, Scope, Send

from .relayed import _StreamingResponse
from .replay import _CachedRequest
from .turns import Side, Turns

__all__ = ["CallNext", "Dispatch", "Exchange"]

CallNext = Callable[[Request], Awaitable[Response]]
Dispatch = Callable[[Request, CallNext], Awaitable[Response]]

_LAST_OF_BODY = {
    "http.response.body",
    "http.response.pathsend",
    "http.response.zerocopysend",
}
_TRAILERS = {"http.response.trailers"}
# The messages that dispatch gets to see. All others go to the server as they come.
_RESPONSE = _LAST_OF_BODY | _TRAILERS | {"http.response.start"}


async def _awaiting(awaitable: Awaitable[None]) -> None:
    await awaitable


class Exchange:
    """One request: the messages between the two sides, and what is raised in the end."""

    _app_side: Side  # once call_next was called

    # What most requests leave as it is lives on the class.
    _error_told = False  # dispatch was given the application's error, and may do away with it
    _response: _StreamingResponse | None = None  # what call_next gave
    _unchanged: _StreamingResponse | None = None  # the same, when dispatch returned it as it was
    _info: Any = None
    _offered: Message | None = None  # what the application sends and dispatch has not taken
    _relaying = False  # dispatch is over, and what the application sends goes to the server
    _last = _LAST_OF_BODY  # what may end the response
    _sending = False
    _next_sender: anyio.Event | None = None

    def __init__(
        self, app: ASGIApp, dispatch: Dispatch, scope: Scope, receive: Receive, send: Send
    ) -> None:
        self._app = app
        self._scope = scope
        self._send = send
        self._request = _CachedRequest(scope, receive, send)
        self._turns = Turns(self._run_dispatch(dispatch))

    async def run(self) -> None:
        """Run both sides to their end, and raise what the request failed with."""
        await self._turns.run()
        error = self._error()
        # The response leads back here, and so does a traceback: leave no circles behind.
        self._response = self._unchanged = None
        self._turns.forget_errors()
        if error is not None:
            try:
                raise error
            finally:
                del error

    def _error(self) -> BaseException | None:
        ours, app = self._turns.first.error, self._turns.second
        if app is None or app.error is None or self._error_told:
            return ours
        # A cancellation that the application turned into an error of its own is that error.
        turned = isinstance(ours, asyncio.CancelledError) and isinstance(app.error, Exception)
        return app.error if ours is None or turned else ours

    # Dispatch's side.

    async def _run_dispatch(self, dispatch: Dispatch) -> None:
        response: Any = await dispatch(self._request, self.call_next)
        given = self._response
        if given is not None and response is given and given.untouched:
            self._unchanged = given
        elif response is None:
            raise TypeError("dispatch must return a Response, not None")
        else:
            await response(self._scope, self._request.replay, self._send)
            self._request.answered()

    async def call_next(self, request: Request) -> Response:
        """Give the response of the application, as soon as it has started.

        The application gets the scope of this request, whichever `request` is given. What it
        raises before its response starts is raised here; RuntimeError if it sends no response,
        ClientDisconnect if that is because the client has left. AssertionError for a second call.
        """
        turns = self._turns
        if turns.second is not None:
            raise AssertionError("call_next() can be called once per request.")
        running = self._app(self._scope, self._request.replay, self._receive_from_app)
        if not isinstance(running, CoroutineType):
            running = _awaiting(running)
        self._app_side = turns.second = app = Side(running)
        try:
            await turns.give(app, together=True)
        except anyio.get_cancelled_exc_class():
            self._error_told = True
            raise
        start = self._take(app)
        if start is None:
            if self._request._is_disconnected:
                raise ClientDisconnect()
            raise RuntimeError("No response returned.")
        self._response = response = _StreamingResponse(start, self._info, self._next_message)
        return response

    async def _next_message(self) -> Message | None:
        """What the application sends next; None at its end. Raises what it raised."""
        app = self._app_side
        if self._offered is None and not app.over:
            await self._turns.give(app)
        return self._take(app)

    def _take(self, app: Side) -> Message | None:
        message, self._offered = self._offered, None
        if message is None and app.error is not None:
            # After the start, dispatch is shown an error, but `run` raises it all the same.
            self._error_told = self._response is None or not isinstance(app.error, Exception)
            raise app.error
        return message

    # The application's side.

    def _receive_from_app(self, message: Message) -> Awaitable[None]:
        """The `send` channel of the application."""
        if self._relaying:
            # Not a coroutine of ours: a stream costs one call per message.
            return self._send(message) if message.get("more_body") else self._relay(message)
        if message["type"] in _RESPONSE:
            return self._offer(message)
        return self._pass_by(message)

    async def _offer(self, message: Message) -> None:
        while self._sending:
            self._next_sender = self._next_sender or anyio.Event()
            await self._next_sender.wait()
        if self._relaying:
            await self._relay(message)
        elif self._turns.first.over:
            # Dropped; and nothing but this may ever suspend the task that sends.
            await anyio.lowlevel.checkpoint()
        elif self._response is None and message["type"] != "http.response.start":
            raise RuntimeError(f"Expected 'http.response.start', got {message['type']!r}.")
        else:
            self._sending = True
            try:
                self._offered = message
                await self._turns.give(self._turns.first)
                if self._unchanged is not None:
                    for opening in self._unchanged.opening():
                        await self._send(opening)
                    if message.get("trailers"):
                        self._last = _TRAILERS
                    self._relaying = True
            finally:
                self._sending = False
                if self._next_sender is not None:
                    self._next_sender.set()
                    self._next_sender = None

    async def _relay(self, message: Message) -> None:
        await self._send(message)
        if message["type"] in self._last and not message.get("more_trailers"):
            self._request.answered()

    async def _pass_by(self, message: Message) -> None:
        if message["type"] == "http.response.debug" and self._response is None:
            self._info = message.get("info")
        elif not self._turns.first.over:
            await self._send(message)
