"""The lifespan protocol from the server's side (ASGI specification, "Lifespan Protocol")."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from starlette_http.types import ASGIApp, Message

from .mailbox import Mailbox
from .running import Run
from .timeouts import time_limit

__all__ = ["Lifespan"]


class Lifespan:
    """Starts an application up and shuts it down.

    `run()` is the application's side and has a task of its own, while `startup()` and `shutdown()`
    are awaited one after the other. An application that ends without an answer has no lifespan,
    which is allowed. With `optional` it may also fail before it answers: that is how ASGI-2
    applications say that they have none. `limit` is how many seconds one answer may take.
    """

    def __init__(
        self, app: ASGIApp, state: dict[str, Any], optional: bool, limit: float | None
    ) -> None:
        self.app = app
        self.state = state
        self._optional = optional
        self._limit = limit
        self.to_app: Mailbox[Message] = Mailbox()
        self.from_app: Mailbox[Message | None] = Mailbox()  # None when the application has ended
        self._finishing = False
        self._waiting = False
        self._forgiven = False
        self._run = Run()

    async def call_app(self) -> None:
        """Call the application with a lifespan scope."""
        await self.app({"type": "lifespan", "state": self.state}, self.receive, self.from_app.send)

    async def receive(self) -> Message:
        """The application's `receive`. When all is said, waiting here is the application's end."""
        if self._finishing:
            self.cancel()
        self._waiting = True
        try:
            return await self.to_app.receive()
        finally:
            self._waiting = False

    async def run(self, call: Callable[[], Awaitable[None]]) -> None:
        """Await `call()`, which calls the application, until it ends or is cancelled."""
        await self._run.of(call, partial(self.from_app.put, None))

    async def startup(self) -> None:
        """Ask the application to start up; raises what it raised, or RuntimeError if it failed."""
        await self._ask("lifespan.startup", may_fail=self._optional)

    async def shutdown(self) -> None:
        """Ask the application to shut down and wait for its end; raises what it raised."""
        if not self._run.ended:
            await self._ask("lifespan.shutdown")
            await self._finish()
        if self._run.error is not None and not self._forgiven:
            raise self._run.error

    def cancel(self) -> None:
        """End the application; called in its loop."""
        self._run.cancel()

    async def _ask(self, question: str, may_fail: bool = False) -> None:
        self.to_app.put({"type": question})
        with time_limit(self._limit, lambda: f"answer {question}"):
            answer = await self.from_app.receive()
        kind = "" if answer is None else answer["type"].removeprefix(question)
        if kind == ".complete":
            return
        if kind not in ("", ".failed"):
            self.cancel()
        await self._finish()
        failure = self._failure(question, answer)
        self._forgiven = may_fail and kind != ".failed"
        if failure is not None and not self._forgiven:
            raise failure

    def _failure(self, question: str, answer: Message | None) -> BaseException | None:
        if self._run.error is not None or answer is None:
            return self._run.error
        if answer["type"] == f"{question}.failed":
            return RuntimeError(answer.get("message", ""))
        return AssertionError(
            f'Expected "{question}.complete" or "{question}.failed" from the application,'
            f" but it sent {answer!r}."
        )

    async def _finish(self) -> None:
        """Wait for the end of the application; cancel it only if it waits for more messages."""
        self._finishing = True
        if self._waiting:
            self.cancel()
        while not self._run.ended:
            await self.from_app.receive()
