"""`Middleware`: one layer of an application, as data.

    middleware = [Middleware(TrustedHostMiddleware, allowed_hosts=["example.com"])]
    app = Starlette(routes=routes, middleware=middleware)

An application builds its layers when the first connection comes; until then they are records that
can be listed, inserted and removed.
"""

from collections.abc import Awaitable, Callable, Iterator
from typing import Any, ParamSpec, Protocol

__all__ = ["Middleware"]

P = ParamSpec("P")

# Permissive, so that a factory typed with another library's ASGI types (asgiref's, say) fits.
_App = Callable[
    [Any, Callable[[], Awaitable[Any]], Callable[[Any], Awaitable[None]]], Awaitable[None]
]


class _Factory(Protocol[P]):
    def __call__(self, app: _App, /, *args: P.args, **kwargs: P.kwargs) -> _App: ...


class Middleware:
    """One layer, built later as `cls(app, *args, **kwargs)`.

    `cls` is a middleware class, or any callable that takes an ASGI application first and returns
    one; a type checker compares `args` and `kwargs` with its other parameters. A record unpacks:
    `cls, args, kwargs = record`.
    """

    def __init__(self, cls: _Factory[P], *args: P.args, **kwargs: P.kwargs) -> None:
        self.cls: Callable[..., Any] = cls
        self.args: tuple[Any, ...] = args
        self.kwargs: dict[str, Any] = kwargs

    def __iter__(self) -> Iterator[Any]:
        return iter((self.cls, self.args, self.kwargs))

    def __repr__(self) -> str:
        name = getattr(self.cls, "__name__", "")
        options = [f"{key}={value!r}" for key, value in self.kwargs.items()]
        return "{}({})".format(
            type(self).__name__, ", ".join([name, *map(repr, self.args), *options])
        )
