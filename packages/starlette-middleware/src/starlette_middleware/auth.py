"""Who a connection belongs to, and what it may do: what `AuthenticationMiddleware` fills in.

A backend finds the credentials and the user of a connection; endpoints say what they need:

    class TokenBackend(AuthenticationBackend):
        async def authenticate(self, conn):
            if conn.headers.get("x-token") == "secret":
                return AuthCredentials(["write"]), SimpleUser("ada")

    @requires("write")
    async def endpoint(request):
        return PlainTextResponse(request.user.display_name)
"""

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol, TypeVar, cast
from urllib.parse import urlencode

from starlette_http.callables import is_async_callable
from starlette_http.denial import refuse
from starlette_http.exceptions import HTTPException
from starlette_http.requests import HTTPConnection, Request
from starlette_http.response import PlainTextResponse, RedirectResponse
from starlette_websockets.websockets import WebSocket

__all__ = [
    "AuthCredentials",
    "AuthenticationBackend",
    "AuthenticationError",
    "BaseUser",
    "SimpleUser",
    "UnauthenticatedUser",
    "has_required_scope",
    "requires",
]

F = TypeVar("F", bound=Callable[..., Any])


class AuthenticationError(Exception):
    """The credentials of a connection are wrong, as opposed to absent; its text goes out."""


class AuthCredentials:
    """What a connection may do, as names that the application chooses."""

    def __init__(self, scopes: Sequence[str] | None = None) -> None:
        self.scopes: list[str] = list(scopes or ())


class BaseUser:
    """The interface of a user; override all three."""

    @property
    def is_authenticated(self) -> bool:
        """Whether it is known who this is."""
        raise NotImplementedError()

    @property
    def display_name(self) -> str:
        """The name to show."""
        raise NotImplementedError()

    @property
    def identity(self) -> str:
        """What tells this user from all others."""
        raise NotImplementedError()


class SimpleUser(BaseUser):
    """A user who is no more than a name."""

    def __init__(self, username: str) -> None:
        self.username = username

    @property
    def is_authenticated(self) -> bool:
        """True."""
        return True

    @property
    def display_name(self) -> str:
        """The name."""
        return self.username

    @property
    def identity(self) -> str:
        """The name."""
        return self.username


class UnauthenticatedUser(BaseUser):
    """Nobody in particular."""

    @property
    def is_authenticated(self) -> bool:
        """False."""
        return False

    @property
    def display_name(self) -> str:
        """The empty string."""
        return ""

    @property
    def identity(self) -> str:
        """The empty string."""
        return ""


class AuthenticationBackend:
    """How connections prove who they are; override `authenticate`."""

    async def authenticate(self, conn: HTTPConnection) -> tuple[AuthCredentials, BaseUser] | None:
        """Give the credentials and user of a connection, None if it claims to be nobody.

        Raises `AuthenticationError` if what it claims is wrong.
        """
        raise NotImplementedError()


class _Authenticated(Protocol):
    """A connection, of this project or another, that has `.auth.scopes`."""

    @property
    def auth(self) -> Any: ...


def has_required_scope(conn: _Authenticated, scopes: Sequence[str]) -> bool:
    """Tell whether the credentials of a connection have all of `scopes`."""
    return all(scope in conn.auth.scopes for scope in scopes)


def requires(
    scopes: str | Sequence[str], status_code: int = 403, redirect: str | None = None
) -> Callable[[F], F]:
    """Guard an endpoint: only connections whose credentials have all `scopes` reach it.

    The endpoint is a function or method, sync or async, with a parameter called `request` or
    `websocket`; `Exception` at decoration if it has neither. All others get `HTTPException` with
    `status_code`, or a redirect (303) to the route named `redirect` with the URL they wanted as
    `next`; a websocket gets `status_code` if the server can send denial responses, and is closed
    with 1008 (policy violation) otherwise.
    """
    wanted = [scopes] if isinstance(scopes, str) else list(scopes)

    def redirected(request: Request) -> RedirectResponse:
        if redirect is None:
            raise HTTPException(status_code)
        query = urlencode({"next": str(request.url)})
        return RedirectResponse(f"{request.url_for(redirect)}?{query}", status_code=303)

    def decorate(func: F) -> F:
        parameter = _find_parameter(func)

        async def guarded_async(*args: Any, **kwargs: Any) -> Any:
            connection = parameter.value(args, kwargs)
            if has_required_scope(connection, wanted):
                return await func(*args, **kwargs)
            if isinstance(connection, WebSocket):
                return await _deny(connection, status_code)
            return redirected(connection)

        def guarded_sync(*args: Any, **kwargs: Any) -> Any:
            request = parameter.value(args, kwargs)
            if has_required_scope(request, wanted):
                return func(*args, **kwargs)
            return redirected(request)

        is_async = parameter.type is WebSocket or is_async_callable(func)
        return cast(F, functools.wraps(func)(guarded_async if is_async else guarded_sync))

    return decorate


async def _deny(websocket: WebSocket, status_code: int) -> None:
    response = PlainTextResponse(HTTPException(status_code).detail, status_code)
    await refuse(response, websocket.scope, websocket.receive, websocket.send)


class _Parameter(NamedTuple):
    """The parameter of an endpoint that is its connection."""

    name: str
    position: int
    type: type[HTTPConnection]

    def value(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Give its value in a call; `AssertionError` if that is no connection."""
        value = args[self.position] if self.position < len(args) else kwargs.get(self.name)
        if not isinstance(value, self.type):
            raise AssertionError(
                f"Parameter with name {self.name!r} is required to be of type"
                f" {self.type.__name__!r} not {type(value).__name__!r}"
            )
        return value


def _find_parameter(func: Callable[..., Any]) -> _Parameter:
    types: dict[str, type[HTTPConnection]] = {"request": Request, "websocket": WebSocket}
    for position, name in enumerate(inspect.signature(func).parameters):
        if name in types:
            return _Parameter(name, position, types[name])
    raise Exception(f'No "request" or "websocket" argument on function "{func}"')
