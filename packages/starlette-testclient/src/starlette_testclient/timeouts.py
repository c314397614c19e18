"""Limits for how long a test waits for its application."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import anyio

from .library import httpx

__all__ = ["WaitTimeout", "time_limit"]


class WaitTimeout(httpx.ReadTimeout, TimeoutError):
    """The application did not do in time what the test waits for; the message says what.

    It is the HTTP library's `ReadTimeout` and a `TimeoutError` at once.
    """

    def __init__(self, seconds: float | None, awaited: str) -> None:
        super().__init__(f"Waited {seconds} seconds for the application to {awaited}.")


@contextmanager
def time_limit(seconds: float | None, awaited: Callable[[], str]) -> Iterator[None]:
    """Raise `WaitTimeout` when the block takes longer than `seconds`; None is for ever.

    `awaited()` is what the application has not done by then.
    """
    if seconds is None:
        yield
        return
    with anyio.move_on_after(seconds) as scope:
        yield
    if scope.cancelled_caught:
        raise WaitTimeout(seconds, awaited())
