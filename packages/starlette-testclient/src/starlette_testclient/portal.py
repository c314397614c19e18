"""Where a thread runs coroutines: in a loop of its own for one call, or in a kept one.

A call outside of `with TestClient(...)` gets a fresh event loop. It runs in the calling thread
itself, which is several times cheaper than starting a thread for it; only when that thread is
already running a loop is a thread started, for this one call.

Inside, a `LoopThread` keeps one loop. A call takes one crossing of threads there and one back. A
stream or a websocket outside has a `LoopThread` of its own, which begins with what it is for: each
time that threads wait for each other costs as much as all that a small application does.
"""

import asyncio
import sys
import threading
from collections import deque
from collections.abc import Callable, Coroutine
from contextlib import AbstractContextManager, suppress
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

__all__ = ["BorrowedLoop", "ForeignLoop", "Host", "LoopThread", "Work", "run_in_fresh_loop"]

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

    tasks: TaskGroup

    def __init__(self) -> None:
        self.failure: BaseException | None = None
        self.at_end: set[Callable[[], object]] = set()
        self._ended = False
        self._post: Post | None = None
        self._calls: deque[Callable[[], object]] = deque()
        self._impatient = False

    def run(self, backend: str, options: dict[str, Any]) -> None:
        """What the thread does."""
        try:
            anyio.run(self._serve, backend=backend, backend_options=options)
        except BaseException as exc:
            self.failure = exc
        finally:
            self._ended = True
            for end in list(self.at_end):
                end()

    async def _serve(self) -> None:
        self._finish = anyio.Event()
        async with anyio.create_task_group() as self.tasks:
            self._post = current_post()
            self._make_calls()  # those that were posted before
            await self._finish.wait()
            if self._impatient:
                self.tasks.cancel_scope.cancel()

    def post(self, call: Callable[[], object]) -> None:
        """Call it in the loop, after everything posted before, once the loop runs.

        RuntimeError when the loop has ended.
        """
        self._calls.append(call)
        if self._ended:
            raise RuntimeError("The event loop has ended.") from self.failure
        if self._post is not None:
            self._post(self._make_calls)

    def _make_calls(self) -> None:
        while self._calls:
            self._calls.popleft()()

    async def open_portal(self, ready: Callable[[BlockingPortal], object]) -> None:
        """Keep a portal to the loop until its end, and wait for what runs there."""
        async with BlockingPortal() as portal:
            ready(portal)
            await self._finish.wait()

    def start(self, context: Context, work: Work) -> None:
        """Start a task with the variables of `context`."""
        context.run(self.tasks.start_soon, work)

    def finish(self, impatient: bool) -> None:
        """End the loop when its tasks have ended, which an `impatient` end cancels."""
        self._impatient = impatient
        self._finish.set()


class LoopThread:
    """A thread with an event loop, in which other threads start tasks.

    It begins with the first task, or with the context that it manages, which gives the anyio portal
    of the loop. At its end it waits for the tasks, or cancels them when the block raised. When it
    is dropped without that, the tasks are cancelled and the thread ends by itself.
    """

    def __init__(self, backend: str, options: dict[str, Any]) -> None:
        self._backend = backend
        self._loop = _Loop()
        self._portal: BlockingPortal | None = None
        self._portal_begun = False
        self._opening: SimpleQueue[BlockingPortal | None] = SimpleQueue()
        self._thread = threading.Thread(
            # An empty context: who calls brings his own.
            target=Context().run,
            args=(self._loop.run, backend, options),
            name=f"{backend} event loop of a test client",
            daemon=True,
        )

    @property
    def portal(self) -> BlockingPortal:
        """An anyio portal to the loop; opened, and waited for, when it is first asked for."""
        self.open_portal()
        if self._portal is None:
            self._portal = self._opening.get()
        if self._portal is None:
            raise self._loop.failure or RuntimeError("The event loop has ended.")
        return self._portal

    def open_portal(self) -> None:
        """Begin to open the portal."""
        if not self._portal_begun:
            self._portal_begun = True
            put = self._opening.put
            self.spawn(partial(self._loop.open_portal, put), partial(put, None))

    def spawn(self, work: Work, lost: Callable[[], object] = bool) -> None:
        """Start `work` with the caller's context variables, and return at once.

        When the loop begins with it, and cannot, `lost()` is called.
        """
        self._loop.post(partial(self._loop.start, _context_for(self._backend), work))
        if self._thread.ident is None:
            self._loop.at_end.add(lost)
            self._thread.start()

    def post(self, function: Callable[..., object], *args: Any) -> None:
        """Call `function` in the loop, after everything posted before, and return at once."""
        with suppress(RuntimeError):  # the loop has ended, and with it all that could be told
            self._loop.post(partial(function, *args))

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
        return self.portal

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
        self.spawn: Callable[..., None] = thread.spawn
        self.run: Callable[[Work], None] = thread.run
        self.post: Callable[..., None] = thread.post
        self._thread = thread

    @property
    def portal(self) -> BlockingPortal:
        """The anyio portal of the loop."""
        return self._thread.portal

    def open_portal(self) -> None:
        """Nothing: it is open."""

    def __enter__(self) -> BlockingPortal:
        return self.portal

    def __exit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None: ...


class ForeignLoop:
    """The loop of an anyio portal that `context` gives."""

    def __init__(self, context: AbstractContextManager[BlockingPortal]) -> None:
        self.portal: BlockingPortal = context.__enter__()
        self._context = context

    def spawn(self, work: Work, lost: Callable[[], object] = bool) -> None:
        """Start `work`, and return at once."""
        self.portal.start_task_soon(work)

    def __exit__(self, *error: Any) -> None:
        self._context.__exit__(*error)


Host = LoopThread | BorrowedLoop
