"""Running blocking code beside the event loop, and several coroutines side by side."""

import functools
import warnings
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterable
from contextlib import asynccontextmanager, nullcontext, suppress
from typing import Any, Generic, ParamSpec, TypeVar

import anyio
import anyio.abc
import anyio.to_thread

from .exceptions import StarletteDeprecationWarning

__all__ = [
    "ThreadIterator",
    "create_collapsing_task_group",
    "iterate_in_threadpool",
    "run_in_threadpool",
    "run_until_first_complete",
]

P = ParamSpec("P")
T = TypeVar("T")

_END: Any = object()


async def run_in_threadpool(func: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call `func(*args, **kwargs)` in a worker thread and return its result.

    Context variables are carried into the thread. At most 40 such calls run at a time (anyio's
    default limiter); the others wait. A call that has begun is waited for, also when cancelled.
    Errors of `func` pass through; a `StopIteration` becomes a `RuntimeError`.
    """
    return await anyio.to_thread.run_sync(functools.partial(func, *args, **kwargs))


async def iterate_in_threadpool(iterator: Iterable[T]) -> AsyncIterator[T]:
    """Iterate over a blocking iterable: every item is fetched in a worker thread.

    Errors pass through. A generator is closed (in a thread as well) when the iteration ends
    early: by `aclose()`, by cancellation or by an error. Other iterables belong to the caller.
    """
    items = iter(iterator)
    try:
        while (item := await anyio.to_thread.run_sync(next, items, _END)) is not _END:
            yield item
    except BaseException:
        if isinstance(items, Generator):
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(_close, items)
        raise


class ThreadIterator(Generic[T]):
    """Items of a blocking iterable for one owner, which closes it: also before the first item.

    Every item is fetched in a worker thread, and errors pass through. `aclose()` closes whatever
    has a `close` (a generator, a file, a database cursor), in a thread as well. What has come to
    its end is let go and stays open.
    """

    ag_frame: object = True
    """None when there is nothing to close any more, as async generators have it."""

    def __init__(self, items: Iterable[T]) -> None:
        self.items: Any = items
        self.begun: bool = False

    def __aiter__(self) -> "ThreadIterator[T]":
        return self

    async def __anext__(self) -> T:
        if not self.begun:
            self.items, self.begun = iter(self.items), True
        item: T = await anyio.to_thread.run_sync(next, self.items, _END)
        if item is _END:
            self.items, self.ag_frame = iter(()), None
            raise StopAsyncIteration
        return item

    async def aclose(self) -> None:
        """Close the iterable, and end; also when this task is cancelled."""
        items, self.items, self.begun = self.items, iter(()), True
        self.ag_frame = None
        if hasattr(items, "close"):
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(_close, items)


def _close(items: Any) -> None:
    # "generator already executing": asyncio's own cancellation does not wait for the thread that
    # is fetching an item. That thread lets go of the generator last, and thereby closes it.
    with suppress(ValueError) if isinstance(items, Generator) else nullcontext():
        items.close()


@asynccontextmanager
async def create_collapsing_task_group() -> "AsyncGenerator[anyio.abc.TaskGroup, None]":
    """A task group that raises a single error as itself, not as a group of one.

    Only the group of the task group itself is taken off: several errors stay a group, and so does
    a group that a task raised.
    """
    try:
        async with anyio.create_task_group() as task_group:
            yield task_group
        return
    except BaseExceptionGroup as group:
        error, *others = group.exceptions
        if others:
            raise
    # Outside of the handler, so that the group does not become the context of its own member.
    raise error


async def run_until_first_complete(
    *args: tuple[Callable[..., Any], dict[str, Any]],
) -> None:
    """Run every `func(**kwargs)` at once and cancel the others when one ends. Deprecated."""
    warnings.warn(
        "run_until_first_complete is deprecated and will be removed in a future version.",
        StarletteDeprecationWarning,
        stacklevel=2,
    )
    async with create_collapsing_task_group() as task_group:

        async def run(func: Callable[..., Any], kwargs: dict[str, Any]) -> None:
            await func(**kwargs)
            task_group.cancel_scope.cancel()

        for func, kwargs in args:
            task_group.start_soon(run, func, kwargs)
