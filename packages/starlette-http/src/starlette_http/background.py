"""Work that a response leaves for after it was sent."""

from collections.abc import Callable, Sequence
from typing import Any, ParamSpec

from .callables import is_async_callable
from .concurrency import run_in_threadpool

__all__ = ["BackgroundTask", "BackgroundTasks"]

P = ParamSpec("P")


class BackgroundTask:
    """One call to make later: `await task()` makes it.

    An async `func` is awaited, any other runs in a worker thread. Errors pass through.
    """

    def __init__(self, func: Callable[P, Any], *args: P.args, **kwargs: P.kwargs) -> None:
        self.func = func
        self.args = args
        self.kwargs = kwargs
        self.is_async: bool = is_async_callable(func)

    async def __call__(self) -> None:
        if self.is_async:
            await self.func(*self.args, **self.kwargs)
        else:
            await run_in_threadpool(self.func, *self.args, **self.kwargs)


class BackgroundTasks(BackgroundTask):
    """Several tasks, made one after the other in the order in which they were added.

    The first error stops the rest and passes through. With `run_all` every task runs, and an
    `ExceptionGroup` of what failed, however little, is raised after the last. Cancellation stops
    both.
    """

    def __init__(
        self, tasks: Sequence[BackgroundTask] | None = None, *, run_all: bool = False
    ) -> None:
        self.tasks: list[BackgroundTask] = list(tasks or ())
        self.run_all = run_all

    def add_task(self, func: Callable[P, Any], *args: P.args, **kwargs: P.kwargs) -> None:
        """Add the call `func(*args, **kwargs)` at the end."""
        self.tasks.append(BackgroundTask(func, *args, **kwargs))

    async def __call__(self) -> None:
        errors: list[Exception] = []
        for task in self.tasks:
            try:
                await task()
            except Exception as error:
                if not self.run_all:
                    raise
                errors.append(error)
        if errors:
            message = f"{len(errors)} of {len(self.tasks)} background tasks failed"
            raise ExceptionGroup(message, errors)
