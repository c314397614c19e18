"""Two coroutines that take turns in one task, or get a task each when they have to.

`first` and `second` hardly ever run at the same time: each calls `give` to let the other go on, and
waits there until it gets the turn back. So both can live in the task that called `run`, which
resumes by hand whichever has the turn. That costs no task, no event and no cancel scope.

But a coroutine that is left waiting like this must not have anything open in the task that the
other one would then close out of order, and there are such things: cancel scopes and task groups
belong to a task and nest in it, locks and limiters are given back by the task that took them.

1. A side may wait within the shared task if it is *free*: it runs in that task (not in one of its
   children), and every cancel scope that it opened there is closed again. The first side must also
   never have suspended the task before, which is what taking a lock does.
2. Whoever has to wait and is not free keeps the task. The other side has been waiting, and so is
   free: it gets a task of its own (`Companion`) for the rest of its life. From then on the two
   wait for each other by events, and nothing has to nest.
3. When the first side fails, the second is cancelled. The other way round it is only told.

On trio, and wherever the current cancel scope cannot be told, nobody is free.

Limits: the second side may have taken a lock before it paused. If the first one, no longer free,
makes it part just then, the lock is given back by another task, which anyio's locks refuse.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Generator
from types import coroutine
from typing import Any

import anyio

from .companion import Companion, current_place

__all__ = ["Side", "Turns"]


class Side:
    """One of the two: a coroutine, whether it is over, and the error that ended it."""

    __slots__ = ("awake", "coroutine", "error", "has_waited", "over")

    def __init__(self, coroutine: Coroutine[Any, Any, None]) -> None:
        self.coroutine: Coroutine[Any, Any, None] = coroutine
        self.over: bool = False
        self.error: BaseException | None = None
        self.has_waited: bool = False  # it has suspended the shared task
        self.awake: anyio.Event | None = None


@coroutine
def _pause(turns: "Turns") -> Generator[Any, Any, None]:
    """Give up the shared task; seen by `share` alone, never by an event loop."""
    yield turns


@coroutine
def _continued(begun: Coroutine[Any, Any, None]) -> Generator[Any, Any, None]:
    """Await a coroutine that somebody else has begun, which `await` itself refuses."""
    yield from begun


class Turns:
    """The two sides, and the task that they share as long as they can.

    `first` runs at once; it sets `second` before it gives the turn there for the first time.
    """

    __slots__ = ("_companion", "_home", "_host_cancelled", "_parted", "first", "second")

    def __init__(self, first: Coroutine[Any, Any, None]) -> None:
        self.first: Side = Side(first)
        self.second: Side | None = None
        self._home = current_place()
        self._companion: Companion | None = None
        self._parted: Side | None = None  # the side that the companion runs
        self._host_cancelled = False

    def give(self, side: Side, together: bool = False) -> Awaitable[None]:
        """Let the other side, `side`, go on; return when it gives the turn back, or is over.

        `together`: when this is cancelled, cancel `side` too and wait for its end.
        """
        if self._companion is None and self._is_free(side is self.first):
            return _pause(self)
        return self._wait_for(side, together)

    async def _wait_for(self, side: Side, together: bool) -> None:
        waiting = self._other(side) or self.first
        waiting.awake = anyio.Event()
        companion = self._companion
        if companion is None:
            self._parted = side
            companion = Companion(self._run_apart(side), self._home and self._home[0])
            self._companion = companion
        elif side.awake is not None:
            side.awake.set()
        try:
            await waiting.awake.wait()
        except anyio.get_cancelled_exc_class():
            if together:
                companion.cancel()
                await companion.join()
            raise

    def _is_free(self, is_second: bool) -> bool:
        """Whether the running side, which is the second one or not, may wait where it is."""
        home = self._home
        return (
            home is not None
            and (is_second or not self.first.has_waited)
            and current_place() == home
        )

    async def _run_apart(self, side: Side) -> None:
        error: BaseException | None = None
        try:
            await _continued(side.coroutine)
        except BaseException as exc:
            error = exc
        self._end(side, error)
        second = self.second
        if side is self.first and error is not None and second is not None and not second.over:
            # The second side is somewhere in the shared task.
            self._host_cancelled = self._home is not None and self._home[0].cancel()

    def _end(self, side: Side, error: BaseException | None) -> None:
        side.over = True
        side.error = error
        other = self._other(side)
        if other is not None and other.awake is not None:
            other.awake.set()

    def _other(self, side: Side) -> Side | None:
        return self.second if side is self.first else self.first

    @coroutine
    def share(self) -> Generator[Any, Any, None]:
        """Run the sides by turns in this task: both to their end, or one if the other parts.

        A hand-made `yield from` over two coroutines, in one frame for the sake of speed. What a
        side yields is for the event loop, unless it is `self`: then it has paused.
        """
        side = self.first
        step: Callable[[Any], Any] = side.coroutine.send
        value: Any = None
        while True:
            try:
                yielded = step(value)
            except StopIteration:
                yielded = self
                self._end(side, None)
            except BaseException as error:
                yielded = self
                self._end(side, error)
            if yielded is not self:
                side.has_waited = True
                try:
                    step, value = side.coroutine.send, (yield yielded)
                except GeneratorExit:
                    self._abandon()
                    raise
                except BaseException as error:
                    step, value = side.coroutine.throw, error
                continue
            other = self._other(side)
            if other is None or other.over or self._companion is not None:
                return
            side, step, value = other, other.coroutine.send, None
            if self.first.error is not None:
                step, value = side.coroutine.throw, asyncio.CancelledError()

    def _abandon(self) -> None:
        """The event loop is gone, and nobody will resume anything any more."""
        for side in (self.second, self.first):
            if side is not None and side is not self._parted:
                side.coroutine.close()

    async def run(self) -> None:
        """Run both sides to their end. Raises nothing but a cancellation that nobody else got."""
        await self.share()
        if self._companion is not None:
            await self._join(self._companion)

    async def _join(self, companion: Companion) -> None:
        if self._host_cancelled and self._home is not None:
            self._home[0].uncancel()
        # The companion is cancelled by rule 3, or together with this task; in the latter case it
        # was this task's cancellation that it got.
        here, away = self.first, self._parted
        if away is self.first and self.second is not None:
            here = self.second
        stop = here.error is not None and (
            here is self.first or not isinstance(here.error, Exception)
        )
        if stop:
            companion.cancel()
        await companion.join()
        if stop and away is not None and isinstance(away.error, asyncio.CancelledError):
            away.error = here.error

    def forget_errors(self) -> None:
        """Let go of the errors, whose tracebacks hold the frames of both sides."""
        for side in (self.first, self.second):
            if side is not None:
                side.error = None
