"""The error of a test that waited for its application longer than it allowed."""

from collections.abc import Iterator
from contextlib import contextmanager

import anyio

from .library import httpx

__all__ = ["WaitTimeout", "seconds", "time_limit"]


class WaitTimeout(httpx.ReadTimeout, TimeoutError):
    """The application did not do within the time limit what the test waits for.

    The message says what that was. It is the library's `ReadTimeout` and a `TimeoutError`.
    """

    def __init__(self, seconds: float | None, awaited: str) -> None:
        super().__init__(f"Waited {seconds} seconds for {awaited}")


def seconds(timeout: httpx.Timeout | float | None) -> float | None:
    """The time limit that `timeout` sets for one wait; None is none."""
    return timeout.read if isinstance(timeout, httpx.Timeout) else timeout


@contextmanager
def time_limit(limit: float | None, awaited: str) -> Iterator[None]:
    """Raise `WaitTimeout` when the block takes longer than `limit` seconds; None is for ever."""
    with anyio.move_on_after(limit) as scope:
        yield
    if scope.cancelled_caught:
        raise WaitTimeout(limit, awaited)
