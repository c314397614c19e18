"""ASGI-2 applications ("double callables") in an ASGI-3 world.

An ASGI-2 application is called as `await app(scope)(receive, send)`. `as_asgi3` adapts one, once,
where an application is handed over; which kind it is, the signature tells, never a trial:

1. A class is ASGI-3 when it takes three positional arguments and its instances can be awaited;
   any other class is ASGI-2.
2. Another callable is ASGI-3 when it can take three positional arguments, ASGI-2 when it can take
   one, and ASGI-3 when its signature cannot be read.
"""

import functools
import inspect
import sys
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from importlib import import_module
from types import FunctionType
from typing import Any, TypeVar, cast

from .types import ASGIApp, Receive, Scope, Send

__all__ = ["ASGI2App", "as_asgi3", "is_asgi2", "serving_scope", "two_step_call"]

ASGI2App = Callable[[Scope], Callable[[Receive, Send], Awaitable[None]]]

SelfT = TypeVar("SelfT")

serving_scope: ContextVar[Scope] = ContextVar("serving_scope")
"""The scope of the ASGI-2 application being served; unset outside of one.

It is what a response called as `response(receive, send)` answers to."""

_mark = getattr(inspect, "markcoroutinefunction", lambda call: call)


def is_asgi2(app: Any) -> bool:
    """Tell an ASGI-2 application from an ASGI-3 one, by the rules of this module."""
    if inspect.isclass(app):
        return not (hasattr(app, "__await__") and _takes(app, 3))
    return not _takes(app, 3) and _takes(app, 1)


def as_asgi3(app: ASGIApp | ASGI2App) -> ASGIApp:
    """`app` itself if it is ASGI-3; else an ASGI-3 application that serves it.

    While the adapted application runs, `serving_scope` holds its scope. What `app(scope)` gives
    may also be a three-argument application, such as a response: it is then called with the scope,
    so that it can answer HEAD and ranges. Errors pass through; for a lifespan scope that tells the
    server that `app` has none.
    """
    return _Adapter(cast(ASGI2App, app)) if is_asgi2(app) else cast(ASGIApp, app)


class _Adapter:
    def __init__(self, app: ASGI2App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        token = serving_scope.set(scope)
        try:
            instance: Any = self.app(scope)
            if _takes_scope(instance):
                await instance(scope, receive, send)
            else:
                await instance(receive, send)
        finally:
            serving_scope.reset(token)


def two_step_call(
    call: Callable[[SelfT, Scope, Receive, Send], Awaitable[None]],
) -> Callable[..., Any]:
    """Decorate an async `__call__(self, scope, receive, send)` to answer `app(scope)` as well.

    `app(scope)` gives what ASGI-2 asks for: something to call with `(receive, send)`. Servers
    still see an ASGI-3 application, since the method is marked as a coroutine function.
    """

    @functools.wraps(call)
    def either(
        self: SelfT, scope: Scope, receive: Receive | None = None, send: Send | None = None
    ) -> Any:
        if receive is None or send is None:
            return functools.partial(call, self, scope)
        return call(self, scope, receive, send)

    either._is_coroutine = _asyncio_mark()  # type: ignore[attr-defined]
    return cast(Callable[..., Any], _mark(either))


def _asyncio_mark() -> object:
    """What says "calling this gives a coroutine" on Python 3.11, where nothing else does."""
    old = sys.version_info < (3, 12)
    return import_module("asyncio.coroutines")._is_coroutine if old else None


def _takes(call: Any, count: int) -> bool:
    """Whether `call` can be called with `count` positional arguments, as far as is known."""
    try:
        signature = inspect.signature(call)
    except ValueError:
        return True
    except TypeError:  # not callable at all
        return False
    try:
        signature.bind(*range(count))
    except TypeError:
        return False
    return True


def _takes_scope(instance: Any) -> bool:
    """Whether an ASGI-2 instance is a three-argument application itself."""
    method = type(instance).__call__
    if isinstance(method, FunctionType):
        return _method_takes_scope(method)
    return _takes(instance, 3)


# Asked for every request, of the few classes that an application's instances have.
@functools.lru_cache(maxsize=256)
def _method_takes_scope(method: FunctionType) -> bool:
    return _takes(method, 4)
