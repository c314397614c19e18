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
from contextlib import suppress
from contextvars import Context, copy_context
from functools import partial
from queue import SimpleQueue
from types import TracebackType
from typing import Any

import anyio
from anyio.abc import TaskGroup
from anyio.from_thread import BlockingPortal

from .mailbox import Post, current_post
from .running import Run

__all__ = ["BorrowedLoop", "Host", "LoopThread", "Work", "run_in_fresh_loop"]

Work = Callable[[], Coroutine[Any, Any, None]]


def run_in_fresh_loop(work: Work, backend: str, options: dict[str, Any]) -> None:
    """Run `work` in an event loop of its own, and end the loop."""
    if backend == "asyncio" and not options.get("use_uvloop"):
        # With a factory, asyncio leaves the thread's notion of its current loop alone.
        options = {"loop_factory": asyncio.new_event_loop} | options
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


class _Loop:
    """The loop's side of a `LoopThread`; knows nothing of it, so that it can be dropped."""

    post: Post
    portal: BlockingPortal
    tasks: TaskGroup

    def __init__(self) -> None:
        self.running = threading.Event()
        self.failure: BaseException | None = None
        self.at_end: set[Callable[[], None]] = {self.running.set}
        self._impatient = False

    def run(self, backend: str, options: dict[str, Any]) -> None:
        """What the thread does."""
        try:
            anyio.run(self._serve, backend=backend, backend_options=options)
        except BaseException as exc:
            self.failure = exc
        finally:
            for end in list(self.at_end):
                end()

    async def _serve(self) -> None:
        self.post = current_post()
        self._finish = anyio.Event()
        async with BlockingPortal() as self.portal, anyio.create_task_group() as self.tasks:
            self.running.set()
            await self._finish.wait()
            if self._impatient:
                self.tasks.cancel_scope.cancel()
                await self.portal.stop(cancel_remaining=True)

    def finish(self, impatient: bool) -> None:
        """End the loop when its tasks have ended, which an `impatient` end cancels."""
        self._impatient = impatient
        self._finish.set()


class LoopThread:
    """A thread with an event loop, in which other threads start tasks.

    As a context manager it gives the anyio portal of the loop. At its end it waits for the tasks,
    or cancels them when the block raised. When it is dropped without that, the tasks are cancelled
    and the thread ends by itself.
    """

    def __init__(self, backend: str, options: dict[str, Any]) -> None:
        self._backend = backend
        self._loop = _Loop()
        self._thread = threading.Thread(
            # An empty context: who calls brings his own.
            target=Context().run,
            args=(self._loop.run, backend, options),
            name=f"{backend} event loop of a test client",
            daemon=True,
        )
        self._thread.start()
        self._loop.running.wait()
        if self._loop.failure is not None:
            raise self._loop.failure

    def spawn(self, work: Work) -> None:
        """Start `work` with the caller's context variables, and return at once."""
        context = _context_for(self._backend)
        self._loop.post(context.run, self._loop.tasks.start_soon, work)

    def post(self, function: Callable[..., object], *args: Any) -> None:
        """Call `function` in the loop, after everything posted before, and return at once."""
        with suppress(RuntimeError):  # the loop has ended, and with it all that could be told
            self._loop.post(function, *args)

    def run(self, work: Work) -> None:
        """Run `work` to its end and raise what it raises.

        It is cancelled when the wait is interrupted. When the loop ends before, that is raised.
        """
        run = Run()
        done: SimpleQueue[None] = SimpleQueue()
        end = partial(done.put, None)
        self._loop.at_end.add(end)
        try:
            self.spawn(partial(run.of, work, end))
            done.get()
        except BaseException:
            self.post(run.cancel)
            raise
        finally:
            self._loop.at_end.discard(end)
        error = run.error if run.ended else self._loop.failure
        if error is not None:
            raise error

    def __enter__(self) -> BlockingPortal:
        return self._loop.portal

    def __exit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        self.post(self._loop.finish, error is not None)
        self._thread.join()
        if self._loop.failure is not None:
            raise self._loop.failure

    def __del__(self) -> None:
        # Without waiting: the garbage collector may run in that very thread.
        if self._thread.is_alive():
            self.post(self._loop.finish, True)


class BorrowedLoop:
    """A `LoopThread` that somebody else ends."""

    def __init__(self, thread: LoopThread) -> None:
        self.spawn: Callable[[Work], None] = thread.spawn
        self.run: Callable[[Work], None] = thread.run
        self.post: Callable[..., None] = thread.post
        self._thread = thread

    def __enter__(self) -> BlockingPortal:
        return self._thread.__enter__()

    def __exit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None: ...


Host = LoopThread | BorrowedLoop
