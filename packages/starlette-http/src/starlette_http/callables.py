"""Telling what calling an object gives: a coroutine, or its result at once."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Awaitable, Callable
from types import FunctionType, MethodType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing_extensions import TypeIs

__all__ = ["is_async_callable"]


def is_async_callable(obj: Any) -> TypeIs[Callable[..., Awaitable[Any]]]:
    """Tell whether calling `obj` gives a coroutine.

    True for a coroutine function, and for an object or class whose `__call__` is one; partials are
    seen through, nested ones too. False for async generator functions, and for plain functions
    that happen to return a coroutine: the answer comes from the declaration, not from a call.
    """
    # Most are async functions or methods, and are told in a twentieth of the time.
    function = obj.__func__ if type(obj) is MethodType else obj
    if type(function) is FunctionType and function.__code__.co_flags & inspect.CO_COROUTINE:
        return True
    while isinstance(obj, functools.partial):
        obj = obj.func
    if _is_coroutine_function(obj):
        return True
    return callable(obj) and _is_coroutine_function(obj.__call__)


def _is_coroutine_function(obj: Any) -> bool:
    # asyncio's mark, a bare object, is all that Python 3.11 has for functions marked by hand.
    marked = type(getattr(obj, "_is_coroutine", None)) is object
    return marked or inspect.iscoroutinefunction(obj)
