"""What runs around the life of an application: before its first request and after its last.

A *lifespan* is a callable `app -> async context manager`: entered at startup, left at shutdown. A
mapping that it gives is added to the state that every request sees.

1. `lifespan_context` makes one lifespan out of what a router was given: its startup callables in
   order, then its lifespans in order; at shutdown the lifespans leave in reverse, then the
   shutdown callables run in order. When one fails to start, those before it are left again.
2. `run_lifespan` speaks the server's protocol (ASGI, lifespan 2.0) around a lifespan.
3. `application_lifespan` is the other end of that protocol: a lifespan that runs the one of any
   ASGI application, for routers that keep the lifespans of what is mounted in them.
"""

import functools
import inspect
import math
import warnings
from collections.abc import AsyncIterator, Callable, Generator, Mapping, Sequence
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    AsyncExitStack,
    asynccontextmanager,
    contextmanager,
)
from types import TracebackType
from typing import Any, TypeVar

import anyio
import anyio.abc

from starlette_http.concurrency import create_collapsing_task_group
from starlette_http.exceptions import StarletteDeprecationWarning
from starlette_http.types import ASGIApp, Lifespan, Message, Receive, Scope, Send

__all__ = [
    "LifespanContext",
    "application_lifespan",
    "lifespan_context",
    "run_lifespan",
    "together",
]

T = TypeVar("T")

LifespanContext = Callable[[Any], AbstractAsyncContextManager[Mapping[str, Any] | None]]
Callables = Sequence[Callable[[], Any]]


class _AsyncLiftContextManager(AbstractAsyncContextManager[T]):
    """A context manager in the clothes of an async one; it runs in the event loop's thread."""

    def __init__(self, cm: AbstractContextManager[T]) -> None:
        self._cm = cm

    async def __aenter__(self) -> T:
        return self._cm.__enter__()

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool | None:
        return self._cm.__exit__(exc_type, exc_value, traceback)


def _wrap_gen_lifespan_context(
    lifespan_context: Callable[[Any], Generator[Any, Any, Any]],
) -> Callable[[Any], AbstractAsyncContextManager[Any]]:
    """Make a lifespan of a generator function."""
    manager = contextmanager(lifespan_context)

    @functools.wraps(manager)
    def lifespan(app: Any) -> _AsyncLiftContextManager[Any]:
        return _AsyncLiftContextManager(manager(app))

    return lifespan


class _DefaultLifespan(AbstractAsyncContextManager[None]):
    """The lifespan of a router that was given none."""

    def __init__(self, router: object) -> None:
        self._router = router

    def __call__(self, app: object) -> "_DefaultLifespan":
        return self

    async def __aenter__(self) -> None:
        return None

    async def __aexit__(self, *exc_info: object) -> None:
        return None


def lifespan_context(
    router: object,
    lifespan: Lifespan[Any] | Sequence[Lifespan[Any]] | None,
    on_startup: Callables | None,
    on_shutdown: Callables | None,
) -> LifespanContext:
    """Make one lifespan of everything that a router runs around its life.

    States are merged, a later lifespan winning. Generator functions are taken with a
    StarletteDeprecationWarning.
    """
    given = lifespan or () if isinstance(lifespan, Sequence | None) else [lifespan]
    lifespans = list(map(_as_lifespan, given))
    if on_startup or on_shutdown:
        lifespans.insert(0, _callables(tuple(on_startup or ()), tuple(on_shutdown or ())))
    if not lifespans:
        return _DefaultLifespan(router)
    return lifespans[0] if len(lifespans) == 1 else together(lifespans)


def _as_lifespan(lifespan: Any) -> LifespanContext:
    for is_kind, kind, adapt in (
        (inspect.isasyncgenfunction, "async generator", asynccontextmanager),
        (inspect.isgeneratorfunction, "generator", _wrap_gen_lifespan_context),
    ):
        if is_kind(lifespan):
            warnings.warn(
                f"{kind} function lifespans are deprecated, "
                "use an @contextlib.asynccontextmanager function instead",
                StarletteDeprecationWarning,
                stacklevel=4,
            )
            adapted: LifespanContext = adapt(lifespan)
            return adapted
    return lifespan  # type: ignore[no-any-return]


def _callables(on_startup: Callables, on_shutdown: Callables) -> LifespanContext:
    @asynccontextmanager
    async def callables(app: Any) -> AsyncIterator[None]:
        await _call_each(on_startup)
        try:
            yield
        finally:
            await _call_each(on_shutdown)

    return callables


async def _call_each(callables: Callables) -> None:
    for each in callables:
        result = each()
        if inspect.isawaitable(result):
            await result


def together(lifespans: Sequence[LifespanContext]) -> LifespanContext:
    """Make one lifespan of several: entered in order, left in reverse, their states merged."""

    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[Mapping[str, Any] | None]:
        async with AsyncExitStack() as stack:
            states = [await stack.enter_async_context(each(app)) for each in lifespans]
            given = [state for state in states if state is not None]
            yield {key: state[key] for state in given for key in state} if given else None

    return lifespan


async def run_lifespan(
    context: LifespanContext, scope: Scope, receive: Receive, send: Send
) -> None:
    """Run a lifespan as the server asks: enter at its first message, leave at its second.

    Failures are told to the server with their traceback and raised again; not in a task that is
    being cancelled, which may not wait for the server any more.
    """
    await receive()
    phase = "startup"
    try:
        async with context(scope.get("app")) as state:
            if state is not None:
                _server_state(scope).update(state)
            await send({"type": "lifespan.startup.complete"})
            phase = "shutdown"
            await receive()
    except BaseException as exc:
        if not _is_being_cancelled(exc):
            import traceback  # only what fails needs it

            message = traceback.format_exc()
            await send({"type": f"lifespan.{phase}.failed", "message": message})
        raise
    await send({"type": "lifespan.shutdown.complete"})


def _server_state(scope: Scope) -> dict[str, Any]:
    if "state" not in scope:
        raise RuntimeError('The server does not support "state" in the lifespan scope.')
    state: dict[str, Any] = scope["state"]
    return state


def _is_being_cancelled(exc: BaseException) -> bool:
    return (
        isinstance(exc, GeneratorExit)
        or isinstance(exc, anyio.get_cancelled_exc_class())
        or anyio.current_effective_deadline() == -math.inf
    )


def application_lifespan(app: ASGIApp, scope: Scope) -> LifespanContext:
    """Make a lifespan of an application's own one, run through the ASGI lifespan protocol.

    The application runs in a task of its own and is told to shut down when the lifespan is left,
    also by an error. `scope` is that of the surrounding lifespan. RuntimeError when it reports a
    failure, or returns without having started; what it raises passes through.
    """

    @asynccontextmanager
    async def lifespan(_app: Any) -> AsyncIterator[Mapping[str, Any] | None]:
        talk = _Talk(app, scope)
        async with create_collapsing_task_group() as tasks:
            await tasks.start(talk.run)
            try:
                yield talk.scope.get("state") or None
            finally:
                talk.stopping.set()
                await talk.ended.wait()

    return lifespan


class _Talk:
    """The server's side of one application's lifespan."""

    def __init__(self, app: ASGIApp, scope: Scope) -> None:
        self.app = app
        self.scope = dict(scope)
        if "state" in scope:
            self.scope["state"] = {}
        self.asked = False
        self.started = False
        self.stopping = anyio.Event()
        self.ended = anyio.Event()
        self.failure: str | None = None

    async def run(self, *, task_status: "anyio.abc.TaskStatus[None]") -> None:
        self.task_status = task_status
        try:
            await self.app(self.scope, self.receive, self.send)
        finally:
            self.ended.set()
        if self.failure is None and not self.started:
            self.failure = "it returned without a word. Does it support the lifespan protocol?"
        if self.failure is not None:
            raise RuntimeError(f"The lifespan of {self.app!r} failed: {self.failure}")

    async def receive(self) -> Message:
        if self.asked:
            await self.stopping.wait()
            return {"type": "lifespan.shutdown"}
        self.asked = True
        return {"type": "lifespan.startup"}

    async def send(self, message: Message) -> None:
        if message["type"] == "lifespan.startup.complete":
            self.started = True
            self.task_status.started()
        elif message["type"] in ("lifespan.startup.failed", "lifespan.shutdown.failed"):
            self.failure = message.get("message", "")
            self.stopping.set()
