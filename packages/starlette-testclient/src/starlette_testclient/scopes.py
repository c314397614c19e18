"""The ASGI scopes of what the test client sends."""

from collections.abc import Mapping
from typing import Any

from starlette_http.types import Scope

from .library import httpx

__all__ = ["DEFAULT_PORTS", "ScopeBuilder"]

DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
WEBSOCKET_SCHEMES = frozenset({"ws", "wss"})

_HTTP_EXTENSIONS = ("http.response.debug", "http.response.trailers")
_WEBSOCKET_EXTENSIONS = ("websocket.http.response",)


class ScopeBuilder:
    """Builds the scope of each request of one client.

    `state` is the lifespan's: every request gets a shallow copy of it. `extensions` are announced
    to the application besides those that the client itself understands.
    """

    def __init__(
        self,
        root_path: str,
        client: tuple[str, int],
        state: Mapping[str, Any],
        extensions: Mapping[str, Mapping[str, Any]],
    ) -> None:
        self.root_path = root_path
        self.client = client
        self.state = state
        self.extensions = extensions

    def build(self, request: httpx.Request) -> Scope:
        """The scope of `request`: a websocket's when its URL is ws: or wss:, otherwise HTTP's."""
        if request.url.scheme in WEBSOCKET_SCHEMES:
            return self._websocket(request)
        scope = self._connection(request, "http", _HTTP_EXTENSIONS)
        scope["http_version"] = "1.1"
        scope["method"] = request.method
        return scope

    def _websocket(self, request: httpx.Request) -> Scope:
        scope = self._connection(request, "websocket", _WEBSOCKET_EXTENSIONS)
        protocols = request.headers.get("sec-websocket-protocol")
        scope["subprotocols"] = [] if protocols is None else _comma_separated(protocols)
        return scope

    def _connection(self, request: httpx.Request, type_: str, extensions: tuple[str, ...]) -> Scope:
        url = request.url
        return {
            "type": type_,
            # The library decodes the path, once, as servers do.
            "path": url.path,
            "raw_path": url.raw_path.partition(b"?")[0],
            "root_path": self.root_path,
            "scheme": url.scheme,
            "query_string": url.query,
            "headers": _headers(request.headers),
            "client": self.client,
            "server": [url.host, url.port or DEFAULT_PORTS.get(url.scheme)],
            "state": dict(self.state),
            "extensions": {name: {} for name in extensions} | dict(self.extensions),
        }


def _headers(headers: httpx.Headers) -> list[tuple[bytes, bytes]]:
    pairs = [(name.lower(), value) for name, value in headers.raw]
    # The host comes first on the wire: the library puts its own there, but not a given one.
    pairs.sort(key=_is_not_host)
    return pairs


def _is_not_host(pair: tuple[bytes, bytes]) -> bool:
    return pair[0] != b"host"


def _comma_separated(value: str) -> list[str]:
    return [item.strip() for item in value.split(",")]
