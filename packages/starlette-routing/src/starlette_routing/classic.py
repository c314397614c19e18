"""Routes as Starlette's first documents have them: regular expressions and ASGI-2 applications.

    app = Router([
        Path("/", app=Homepage, methods=["GET"]),
        Path("/users/(?P<username>[a-zA-Z0-9_]{1,20})", app=User),
        PathPrefix("/static/", app=StaticFiles(directory="static")),
    ])

In the regular expression of a path `{name}` means `[^/]+` and `{name:key}` the convertor of that
key. What its named groups match is in `scope["kwargs"]` and in `scope["path_params"]`. Every `app`
is an ASGI-3 application or an ASGI-2 one, which is adapted when it is handed over.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any

from starlette_http.asgi2 import ASGI2App, as_asgi3
from starlette_http.paths import get_route_path
from starlette_http.responses import PlainTextResponse
from starlette_http.types import ASGIApp, Receive, Scope, Send
from starlette_http.urls import URLPath
from starlette_websockets.websockets import WebSocketClose

from .base import (
    BaseRoute,
    Match,
    NoMatchFound,
    allow_header,
    method_set,
    mounted_scope,
    refusal,
)
from .convertors import Convertor
from .paths import Parameter, convert_params, parse_template, template_regex

__all__ = ["Path", "PathPrefix", "ProtocolRouter"]


class Path(BaseRoute):
    """A regular expression that takes whole paths, of HTTP requests and websockets alike.

    `path` is matched as it stands, nothing in it is escaped. `methods` are those that HTTP
    requests may have, GET allowing HEAD; none given, all may. Another method is answered 406.
    The route has no name, so no URL can be built for it.
    """

    def __init__(self, path: str, app: ASGIApp | ASGI2App, methods: Collection[str] = ()) -> None:
        pieces = parse_template(path)
        self.path = path
        self.endpoint = app
        self.app: ASGIApp = as_asgi3(app)
        self.methods: set[str] = method_set(methods)
        self.param_convertors: dict[str, Convertor[Any]] = dict(
            p for p in pieces if isinstance(p, Parameter)
        )
        regex = self._whole_regex(template_regex(pieces))
        self.path_regex: re.Pattern[str] = re.compile(regex, re.DOTALL)

    def _whole_regex(self, regex: str) -> str:
        return rf"(?:{regex})\Z"

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match type, route path and method; named groups become path parameters."""
        if scope["type"] not in ("http", "websocket"):
            return Match.NONE, {}
        match = self.path_regex.match(get_route_path(scope))
        converted = None if match is None else convert_params(match, self.param_convertors)
        if match is None or converted is None:
            return Match.NONE, {}
        child_scope = self._child_scope(scope, match[0], {**match.groupdict(), **converted})
        return (Match.FULL if self._allows(scope) else Match.PARTIAL), child_scope

    def _child_scope(self, scope: Scope, matched: str, params: Mapping[str, Any]) -> Scope:
        return {
            "endpoint": self.endpoint,
            "kwargs": {**scope.get("kwargs", {}), **params},
            "path_params": {**scope.get("path_params", {}), **params},
        }

    def _allows(self, scope: Scope) -> bool:
        return scope["type"] != "http" or not self.methods or scope["method"] in self.methods

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        """Raise NoMatchFound: the route has no name."""
        raise NoMatchFound(name, path_params)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the application, or answer 406 to a method that is not listed."""
        if self._allows(scope):
            await self.app(scope, receive, send)
        else:
            headers = allow_header(scope, self.methods)
            await refusal(406, "Method not allowed", scope, headers)(scope, receive, send)

    def __repr__(self) -> str:
        methods = sorted(self.methods)
        return f"{type(self).__name__}(path={self.path!r}, app={self.endpoint!r}, {methods=})"


class PathPrefix(Path):
    """A regular expression that takes the beginning of a path, to the end of a segment.

    Declared with a final slash (`/static/`) the path must go on after it; without (`/users`) it
    takes `/users` and everything below. What it matched is added to `scope["root_path"]`, and
    `scope["path"]` stays whole.
    """

    def _whole_regex(self, regex: str) -> str:
        return f"(?:{regex[:-1]})(?=/)" if regex.endswith("/") else rf"(?:{regex})(?=/|\Z)"

    def _child_scope(self, scope: Scope, matched: str, params: Mapping[str, Any]) -> Scope:
        child_scope = super()._child_scope(scope, matched, params)
        return {**child_scope, **mounted_scope(scope, matched)}


class ProtocolRouter:
    """An application for each type of scope: "http", "websocket", "lifespan".

    Where there is none, an HTTP request is answered 404, a websocket closed, and startup and
    shutdown are acknowledged; any other type is a RuntimeError.
    """

    def __init__(self, protocols: Mapping[str, ASGIApp | ASGI2App]) -> None:
        self.protocols: dict[str, ASGIApp] = _ABSENT | {
            kind: as_asgi3(app) for kind, app in protocols.items()
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the application for `scope["type"]`."""
        app = self.protocols.get(scope["type"])
        if app is None:
            known = ", ".join(sorted(self.protocols))
            raise RuntimeError(f"No application for scope type {scope['type']!r}, only for {known}")
        await app(scope, receive, send)


async def _idle_lifespan(scope: Scope, receive: Receive, send: Send) -> None:
    for phase in ("startup", "shutdown"):
        await receive()
        await send({"type": f"lifespan.{phase}.complete"})


_ABSENT: dict[str, ASGIApp] = {
    "http": PlainTextResponse("Not Found", 404),
    "websocket": WebSocketClose(),
    "lifespan": _idle_lifespan,
}
