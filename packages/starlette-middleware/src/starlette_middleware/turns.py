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
"""

import asyncio
from collections.abc import Callable, Coroutine, Generator
from types import coroutine
from typing import Any

import anyio

from .companion import Companion, current_place

__all__ = ["Side", "Turns"]


class Side:
    """One of the two: a coroutine, whether it is over, and the error that ended it."""

    __slots__ = ("awake", "coroutine", "error", "has_waited", "over")

    def __init__(self, coroutine: Coroutine[Any, Any, None]) -> None:
        self.coroutine = coroutine
        self.over = False
        self.error: BaseException | None = None
        self.has_waited = False  # it has suspended the shared task
        self.awake: anyio.Event | None = None

    def end(self, error: BaseException | None, other: "Side | None") -> None:
        self.over = True
        self.error = error
        if other is not None and other.awake is not None:
            other.awake.set()


@coroutine
def _pause(turns: "Turns") -> Generator[Any, Any, None]:
    """Give up the shared task; seen by `_resume` alone, never by an event loop."""
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
        self.first = Side(first)
        self.second: Side | None = None
        self._home = current_place()
        self._companion: Companion | None = None
        self._parted: Side | None = None  # the side that the companion runs
        self._host_cancelled = False

    async def give(self, side: Side) -> None:
        """Let the other side, `side`, go on; return when it gives the turn back, or is over."""
        waiting = self._other(side)
        if self._companion is None and self._is_free(waiting):
            await _pause(self)
        else:
            waiting.awake = anyio.Event()
            if self._companion is None:
                self._part(side)
            elif side.awake is not None:
                side.awake.set()
            await waiting.awake.wait()

    async def stop_second(self) -> None:
        """Cancel the second side and wait for its end, if it has a task of its own."""
        if self._companion is not None and self._parted is self.second:
            self._companion.cancel()
            await self._companion.join()

    def _other(self, side: Side) -> Side:
        return self.second if side is self.first and self.second is not None else self.first

    def _is_free(self, side: Side) -> bool:
        if self._home is None or (side.has_waited and side is self.first):
            return False
        return current_place() == self._home

    def _part(self, side: Side) -> None:
        self._parted = side
        self._companion = Companion(self._run_alone(side), self._home and self._home[0])

    async def _run_alone(self, side: Side) -> None:
        error: BaseException | None = None
        try:
            await _continued(side.coroutine)
        except BaseException as exc:
            error = exc
        side.end(error, self._other(side))
        if error is not None and side is self.first and self._home is not None:
            # The second side is somewhere in the shared task, which `run` is still waiting for.
            if self.second is not None and not self.second.over:
                self._host_cancelled = self._home[0].cancel()

    @coroutine
    def _alternate(self) -> Generator[Any, Any, None]:
        try:
            yield from self._resume(self.first)
            while self._companion is None and self.second is not None and not self.second.over:
                yield from self._resume(self.second)
                if self._companion is None and not self.first.over:
                    yield from self._resume(self.first)
        except GeneratorExit:
            self._abandon()
            raise

    def _resume(self, side: Side) -> Generator[Any, Any, None]:
        """Run a side until it pauses or ends; whatever else it yields is for the event loop."""
        send, throw = side.coroutine.send, side.coroutine.throw
        step: Callable[[Any], Any] = send
        value: Any = None
        if self.first.error is not None:
            step, value = throw, asyncio.CancelledError()
        while True:
            try:
                yielded = step(value)
            except StopIteration:
                return side.end(None, self._other(side))
            except BaseException as error:
                return side.end(error, self._other(side))
            if yielded is self:
                return None
            side.has_waited = True
            try:
                step, value = send, (yield yielded)
            except GeneratorExit:
                raise
            except BaseException as error:
                step, value = throw, error

    def _abandon(self) -> None:
        """The event loop is gone, and nobody will resume anything any more."""
        for side in (self.second, self.first):
            if side is not None and side is not self._parted:
                side.coroutine.close()

    async def run(self) -> None:
        """Run both sides to their end. Raises nothing but a cancellation that nobody else got."""
        await self._alternate()
        if self._companion is None:
            return
        if self._host_cancelled and self._home is not None:
            self._home[0].uncancel()
        # What remains runs in the companion. It is cancelled by rule 3, or together with this task,
        # and then it was this task's cancellation that it got.
        here, away = self.first, self._parted
        if self._parted is self.first and self.second is not None:
            here = self.second
        stop = here.error is not None and (
            here is self.first or not isinstance(here.error, Exception)
        )
        if stop:
            self._companion.cancel()
        await self._companion.join()
        if stop and away is not None and isinstance(away.error, asyncio.CancelledError):
            away.error = here.error
