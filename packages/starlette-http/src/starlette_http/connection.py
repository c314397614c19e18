"""`HTTPConnection`: what the scope of a request or websocket says, parsed when it is asked for."""

import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, Generic

from .cookies import cookie_parser
from .headers import Headers
from .multidict import QueryParams
from .state import State
from .types import Receive, Scope
from .urls import URL, Address

if TYPE_CHECKING:
    from typing_extensions import TypeVar
else:  # A TypeVar with a default is in the standard library since 3.13.
    TypeVar = import_module(
        "typing" if sys.version_info >= (3, 13) else "typing_extensions"
    ).TypeVar

__all__ = ["HTTPConnection", "StateT"]

StateT = TypeVar("StateT", bound=Mapping[str, Any] | State, default=State)


class HTTPConnection(Mapping[str, Any], Generic[StateT]):
    """What HTTP requests and websockets have in common: a mapping over the ASGI scope.

    `HTTPConnection[S]` has a `state` of type S. Connections are equal by identity. `receive` is
    accepted and ignored, so that requests and connections are made alike. A scope that is neither
    "http" nor "websocket" is an AssertionError.
    """

    def __init__(self, scope: Scope, receive: Receive | None = None) -> None:
        if scope["type"] not in ("http", "websocket"):
            raise AssertionError(f"Not an http or websocket scope: {scope['type']!r}")
        self.scope = scope

    def __getitem__(self, key: str) -> Any:
        return self.scope[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.scope)

    def __len__(self) -> int:
        return len(self.scope)

    # Not those of Mapping, which compares contents and so has no hash.
    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)

    # The caches below are filled on first use: `None` cannot be one of their values.

    @property
    def app(self) -> Any:
        """The application that serves this connection. KeyError outside of one."""
        return self.scope["app"]

    @property
    def url(self) -> URL:
        """The URL that was asked for, as the client wrote it in its Host header."""
        url: URL | None = getattr(self, "_url", None)
        if url is None:
            url = self._url = URL(scope=self.scope)
        return url

    @property
    def base_url(self) -> URL:
        """The URL at which the application is mounted: ends in "/", has no query."""
        url: URL | None = getattr(self, "_base_url", None)
        if url is None:
            scope = self.scope
            path = scope.get("app_root_path", scope.get("root_path", ""))
            path = path if path.endswith("/") else path + "/"
            url = self._base_url = URL(scope={**scope, "path": path, "query_string": b""})
        return url

    @property
    def headers(self) -> Headers:
        """The request headers."""
        headers: Headers | None = getattr(self, "_headers", None)
        if headers is None:
            headers = self._headers = Headers(scope=self.scope)
        return headers

    @property
    def query_params(self) -> QueryParams:
        """The parsed query string. KeyError if the server gave none, not even an empty one."""
        params: QueryParams | None = getattr(self, "_query_params", None)
        if params is None:
            params = self._query_params = QueryParams(self.scope["query_string"])
        return params

    @property
    def path_params(self) -> dict[str, Any]:
        """The parameters in the path, converted; filled in by the router."""
        params: dict[str, Any] = self.scope.get("path_params", {})
        return params

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies of all Cookie headers: of two with one name, the later."""
        cookies: dict[str, str] | None = getattr(self, "_cookies", None)
        if cookies is None:
            header = ";".join(self.headers.getlist("cookie"))
            cookies = self._cookies = cookie_parser(header)
        return cookies

    @property
    def client(self) -> Address | None:
        """The address of the peer: the client, or the nearest proxy. None if unknown."""
        client = self.scope.get("client")
        return None if client is None else Address(*client)

    @property
    def session(self) -> dict[str, Any]:
        """The session of a sessions middleware, which learns that it was used.

        AssertionError without one; so for `auth` and `user`.
        """
        session: dict[str, Any] = self._installed("session", "SessionMiddleware")
        if mark_accessed := getattr(session, "mark_accessed", None):
            mark_accessed()
        return session

    @property
    def auth(self) -> Any:
        """The credentials that an authentication middleware found."""
        return self._installed("auth", "AuthenticationMiddleware")

    @property
    def user(self) -> Any:
        """The user that an authentication middleware found."""
        return self._installed("user", "AuthenticationMiddleware")

    def _installed(self, key: str, middleware: str) -> Any:
        if key not in self.scope:
            raise AssertionError(f"{middleware} must be installed to access request.{key}")
        return self.scope[key]

    @property
    def state(self) -> StateT:
        """Values kept for this connection, shared by all connection objects over its scope.

        Starts as a copy of what the application's lifespan yielded, where the server supports it.
        A `State` in the scope is the state itself.
        """
        state: Any = getattr(self, "_state", None)
        if state is None:
            values = self.scope.setdefault("state", {})
            # Nearly always a dict: only what is none is looked at.
            try:
                state = State(values)
            except TypeError:
                if not isinstance(values, State):
                    raise
                state = values
            self._state = state
        return state  # type: ignore[no-any-return]

    def url_for(self, name: str, /, **path_params: Any) -> URL:
        """Return the absolute URL of the route called `name`.

        Raises what the router raises when there is none; RuntimeError outside of an application.
        """
        provider = self.scope.get("router")
        if provider is None:
            provider = self.scope.get("app")
        if provider is None:
            raise RuntimeError(
                "The `url_for` method can only be used inside a Starlette application"
                " or with a router."
            )
        url: URL = provider.url_path_for(name, **path_params).make_absolute_url(
            base_url=self.base_url
        )
        return url
