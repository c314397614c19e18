"""One run of something asynchronous that is watched from outside."""

from collections.abc import Awaitable, Callable

import anyio

__all__ = ["Run"]


class Run:
    """How a run ended: what it raised, or that it was cancelled.

    `cancel()` cancels this run alone. A cancellation from outside is noted, and passes through.
    """

    def __init__(self) -> None:
        self.ended: bool = False
        self.cancelled: bool = False
        self.error: BaseException | None = None
        self._scope: anyio.CancelScope | None = None
        self._cancel_at_once = False

    async def of(self, work: Callable[[], Awaitable[None]], end: Callable[[], object]) -> None:
        """Await `work()`, and call `end()` when it is over, in whichever way."""
        try:
            with anyio.CancelScope() as self._scope:
                if self._cancel_at_once:
                    self._scope.cancel()
                await work()
            self.cancelled = self._scope.cancelled_caught
        except anyio.get_cancelled_exc_class():
            self.cancelled = True
            raise
        except BaseException as exc:
            self.error = exc
        finally:
            self.ended = True
            end()

    def cancel(self) -> None:
        """Cancel the run, be it only about to begin; called in its loop."""
        self._cancel_at_once = True
        if self._scope is not None:
            self._scope.cancel()
