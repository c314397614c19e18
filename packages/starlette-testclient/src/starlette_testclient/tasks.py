"""Tasks of the running event loop that outlive the call that starts them."""

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import copy_context
from functools import partial
from typing import Any

import anyio

from .running import Run

__all__ = ["Tasks"]

Work = Callable[[], Coroutine[Any, Any, None]]


class Tasks:
    """Starts tasks in the running loop, and ends those that are left.

    Not a task group of anyio: that must be left by the task that entered it, which fixtures of some
    test plugins are not, and its cancellation would reach into the test. `work` must not raise.
    """

    def __init__(self) -> None:
        self._runs: set[Run] = set()
        self._asyncio_tasks: set[asyncio.Task[None]] = set()
        self._none_left: anyio.Event | None = None

    def spawn(self, work: Work) -> None:
        """Start `work` with the caller's context variables, and return at once."""
        run = Run()
        self._runs.add(run)
        task = partial(run.of, work, partial(self._forget, run))
        if anyio.get_cancelled_exc_class() is asyncio.CancelledError:
            asyncio_task = asyncio.get_running_loop().create_task(task())
            # The loop itself keeps only weak references to its tasks.
            self._asyncio_tasks.add(asyncio_task)
            asyncio_task.add_done_callback(self._asyncio_tasks.discard)
        else:
            import trio

            trio.lowlevel.spawn_system_task(task, context=copy_context())

    async def end(self) -> None:
        """Cancel what still runs, and wait for its end even when the caller is cancelled."""
        with anyio.CancelScope(shield=True):
            while self._runs:
                self._none_left = anyio.Event()
                for run in self._runs:
                    run.cancel()
                await self._none_left.wait()

    def _forget(self, run: Run) -> None:
        self._runs.discard(run)
        if self._none_left is not None and not self._runs:
            self._none_left.set()
