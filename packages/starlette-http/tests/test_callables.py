"""`is_async_callable`: told from the declaration, through partials."""

import functools
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import pytest

from starlette_http.callables import is_async_callable


async def coroutine_function() -> None: ...


async def async_generator_function() -> AsyncIterator[int]:
    yield 1


def plain_function() -> None: ...


def returns_a_coroutine() -> Coroutine[Any, Any, None]:
    return coroutine_function()


class AsyncCall:
    async def __call__(self) -> None: ...

    async def method(self) -> None: ...

    @classmethod
    async def class_method(cls) -> None: ...


class PlainCall:
    def __call__(self) -> None: ...


class NoCall:
    pass


@pytest.mark.parametrize(
    "obj",
    [
        coroutine_function,
        AsyncCall(),
        AsyncCall,
        AsyncCall().method,
        AsyncCall.class_method,
        functools.partial(coroutine_function),
        functools.partial(functools.partial(AsyncCall())),
    ],
)
def test_is_async(obj: Any) -> None:
    assert is_async_callable(obj)


@pytest.mark.parametrize(
    "obj",
    [
        plain_function,
        async_generator_function,
        returns_a_coroutine,
        lambda: coroutine_function(),
        PlainCall(),
        PlainCall,
        NoCall(),
        NoCall,
        functools.partial(plain_function),
        print,
        "text",
        None,
    ],
)
def test_is_not_async(obj: Any) -> None:
    assert not is_async_callable(obj)
