"""Where a thread runs coroutines: in a loop of its own for one call, or in a kept one.

A call outside of `with TestClient(...)` gets a fresh event loop. It runs in the calling thread
itself, which is several times cheaper than starting a thread for it; only when that thread is
already running a loop is a thread started, for this one call.

Inside, a `LoopThread` keeps one loop. A call takes one crossing of threads there and one back.
"""

import asyncio
import sys
import threading
from collections.abc import Callable, Coroutine
from contextvars import Context, copy_context
from functools import partial
from queue import SimpleQueue
from types import TracebackType
from typing import Any, NamedTuple

import anyio
from anyio.abc import TaskGroup
from anyio.from_thread import BlockingPortal

from .mailbox import Post, current_post

__all__ = ["LoopThread", "run_in_fresh_loop"]

Work = Callable[[], Coroutine[Any, Any, None]]


def run_in_fresh_loop(work: Work, backend: str, options: dict[str, Any]) -> None:
    """Run `work` in an event loop of its own, and end the loop."""
    if backend == "asyncio" and not options:
        # With a factory, asyncio leaves the thread's notion of its current loop alone.
        options = {"loop_factory": asyncio.new_event_loop}
    run = partial(anyio.run, work, backend=backend, backend_options=options)
    if _in_event_loop():
        _run_in_thread(run)
    else:
        run()


def _run_in_thread(function: Callable[[], object]) -> None:
    failure: BaseException | None = None

    def run() -> None:
        nonlocal failure
        try:
            function()
        except BaseException as exc:
            failure = exc

    thread = threading.Thread(target=_context_for(None).run, args=(run,), daemon=True)
    thread.start()
    thread.join()
    if failure is not None:
        raise failure


def _in_event_loop() -> bool:
    """Whether this thread runs an event loop, or takes itself for one that does."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        try:
            anyio.get_cancelled_exc_class()
        except RuntimeError:
            return False
    return True


def _context_for(backend: str | None) -> Context:
    """The caller's context variables, with `backend` as the loop that the code is running in."""
    context = copy_context()
    if sniffio := sys.modules.get("sniffio"):
        context.run(sniffio.current_async_library_cvar.set, backend)
    return context


class _Loop(NamedTuple):
    """What other threads need to reach a running event loop."""

    post: Post
    portal: BlockingPortal
    tasks: TaskGroup
    stop: anyio.Event


async def _serve(ready: SimpleQueue[_Loop | BaseException]) -> None:
    stop = anyio.Event()
    async with BlockingPortal() as portal, anyio.create_task_group() as tasks:
        ready.put(_Loop(current_post(), portal, tasks, stop))
        await stop.wait()


def _run_thread(
    ready: SimpleQueue[_Loop | BaseException], backend: str, options: dict[str, Any]
) -> None:
    try:
        anyio.run(_serve, ready, backend=backend, backend_options=options)
    except BaseException as exc:
        ready.put(exc)


class LoopThread:
    """A thread with an event loop, in which tasks are started from other threads.

    As a context manager it gives the anyio portal of the loop, waits at the end for what still
    runs, or cancels it when the block raises. A thread that is dropped without that ends by
    itself.
    """

    def __init__(self, backend: str, options: dict[str, Any]) -> None:
        ready: SimpleQueue[_Loop | BaseException] = SimpleQueue()
        self._backend = backend
        self._thread = threading.Thread(
            target=Context().run, args=(_run_thread, ready, backend, options), daemon=True
        )
        self._thread.start()
        loop = ready.get()
        if isinstance(loop, BaseException):
            raise loop
        self._loop = loop

    @property
    def portal(self) -> BlockingPortal:
        """The loop's anyio portal."""
        return self._loop.portal

    def spawn(self, work: Work) -> None:
        """Start `work` with the caller's context variables, and return at once."""
        context = _context_for(self._backend)
        self._loop.post(context.run, self._loop.tasks.start_soon, work)

    def post(self, function: Callable[..., object], *args: Any) -> None:
        """Call `function` in the loop, after everything posted before, and return at once."""
        self._loop.post(function, *args)

    def run(self, work: Work) -> None:
        """Run `work` to its end."""
        done: SimpleQueue[None] = SimpleQueue()

        async def run() -> None:
            try:
                await work()
            finally:
                done.put(None)

        self.spawn(run)
        done.get()

    def __enter__(self) -> BlockingPortal:
        return self.portal

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._end(cancel=error is not None)
        self._thread.join()

    def __del__(self) -> None:
        # Not joined: the garbage collector may well run in the very thread.
        if hasattr(self, "_loop") and self._thread.is_alive():
            self._end(cancel=True)

    def _end(self, cancel: bool) -> None:
        if cancel:
            self.post(self._loop.tasks.cancel_scope.cancel)
            self.post(self._loop.tasks.start_soon, self._loop.portal.stop, True)
        self.post(self._loop.stop.set)
