"""Telling what calling an object gives: a coroutine, or its result at once."""

from __future__ import annotations

import asyncio
import functools
import inspect
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing_extensions import TypeIs

__all__ = ["is_async_callable"]

# Python 3.11 has no public marker: there only asyncio sees a function that was marked by hand.
_is_coroutine_function = (
    inspect.iscoroutinefunction if sys.version_info >= (3, 12) else asyncio.iscoroutinefunction
)


def is_async_callable(obj: Any) -> TypeIs[Callable[..., Awaitable[Any]]]:
    """Tell whether calling `obj` gives a coroutine.

    True for a coroutine function, and for an object or class whose `__call__` is one; partials are
    seen through, nested ones too. False for async generator functions, and for plain functions
    that happen to return a coroutine: the answer comes from the declaration, not from a call.
    """
    while isinstance(obj, functools.partial):
        obj = obj.func
    if _is_coroutine_function(obj):
        return True
    return callable(obj) and _is_coroutine_function(obj.__call__)
