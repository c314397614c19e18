"""A task beside the running one, for a coroutine that can no longer share it.

anyio starts tasks in task groups, and a task group has to be opened before it is known whether a
task will be needed, which costs more than the task itself. A companion is started when the need
arises, in the middle of somebody's frames; in return its owner has to `join` it, whatever happens.

A companion shares the context variables of the task it was started for: what it sets is seen there
and the other way round, and a token made on one side can be reset on the other.
"""

import asyncio
import gc
import sys
from collections.abc import Callable, Coroutine
from contextvars import Context, copy_context
from typing import Any

import anyio

__all__ = ["Companion", "Place", "current_place"]

# A task of asyncio, and the innermost cancel scope that anyio has opened in it.
Place = tuple[asyncio.Task[Any], Any]


def current_place() -> Place | None:
    """Where the caller runs; None where that cannot be told, so on trio.

    anyio has no public way to ask for the current cancel scope. Without the module that holds
    them, nobody in this process has opened one on asyncio.
    """
    try:
        task = asyncio.current_task()  # what `_asyncio_task` gives, without the call
    except RuntimeError:
        task = None
    if task is None:
        return None
    anyio_on_asyncio = sys.modules.get("anyio._backends._asyncio")
    if anyio_on_asyncio is None:
        return (task, None)
    try:
        state = anyio_on_asyncio._task_states.get(task)
        return (task, None if state is None else state.cancel_scope)
    except AttributeError:
        return None


class Companion:
    """Runs `side`, a coroutine that raises nothing and may have begun, in a task of its own.

    `host` is the task of asyncio whose context variables it shares; None is the running task.
    """

    __slots__ = ("_cancel", "_cancelled", "_done")

    _cancel: Callable[[], Any]

    def __init__(self, side: Coroutine[Any, Any, None], host: asyncio.Task[Any] | None) -> None:
        self._cancelled = False
        self._done = anyio.Event()
        task = host or _asyncio_task()
        if task is None:
            self._start_on_trio(side)
        else:
            self._start_on_asyncio(side, _context_of(task))

    def _start_on_asyncio(self, side: Coroutine[Any, Any, None], context: Context) -> None:
        # Not loop.create_task: its factory may be eager, and the context is in use right now.
        task = asyncio.Task(side, loop=asyncio.get_running_loop(), context=context)
        task.add_done_callback(lambda _: self._done.set())
        self._cancel = task.cancel

    def _start_on_trio(self, side: Coroutine[Any, Any, None]) -> None:
        import trio

        scope = anyio.CancelScope()
        self._cancel = scope.cancel

        async def run() -> None:
            with scope:
                await side
            self._done.set()

        # Not as an argument: it would be entered at once, and it is in use right now.
        task = trio.lowlevel.spawn_system_task(run, context=copy_context())
        task.context = trio.lowlevel.current_task().context

    def cancel(self) -> None:
        """Cancel it, once: another time would interrupt its clean-up, for which `join` waits."""
        if not self._cancelled:
            self._cancelled = True
            self._cancel()

    async def join(self) -> None:
        """Return when it has ended. If the caller is cancelled, so is it, and still waited for."""
        interrupted: BaseException | None = None
        while not self._done.is_set():
            try:
                with anyio.CancelScope(shield=self._cancelled):
                    await self._done.wait()
            except anyio.get_cancelled_exc_class() as exc:
                self.cancel()
                interrupted = exc
        if interrupted is not None:
            raise interrupted


def _asyncio_task() -> asyncio.Task[Any] | None:
    try:
        return asyncio.current_task()  # None under trio as a guest: the loop runs, but no task
    except RuntimeError:
        return None


def _context_of(task: asyncio.Task[Any]) -> Context:
    if sys.version_info >= (3, 12):
        return task.get_context()
    # Python 3.11 has the context, but no name for it. It is the first that the task refers to.
    referents = (each for each in gc.get_referents(task) if isinstance(each, Context))
    return next(referents, copy_context())
