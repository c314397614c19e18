"""What every route is, and how a request is told that there is none for it."""

import re
import sys
from collections.abc import Collection, Iterable, Mapping
from enum import Enum
from typing import Any

from starlette_http.exceptions import HTTPException
from starlette_http.responses import PlainTextResponse
from starlette_http.types import Receive, Scope, Send
from starlette_http.urls import URLPath
from starlette_websockets.websockets import WebSocketClose

from .convertors import Convertor
from .paths import Template, parse_template, template_of

__all__ = [
    "ALLOW_SCOPE_KEY",
    "LATE_REGEX",
    "BaseRoute",
    "Epoch",
    "Match",
    "NoMatchFound",
    "allow_header",
    "method_set",
    "mounted_scope",
    "refusal",
]

ALLOW_SCOPE_KEY = "starlette.allowed_methods"
"""The methods of all the routes that take a path, where none of them takes the method."""


class Match(Enum):
    """Whether a route takes a request; PARTIAL is the path but not the method."""

    NONE = 0
    PARTIAL = 1
    FULL = 2


class NoMatchFound(Exception):
    """No route has this name and exactly these path parameters."""

    def __init__(self, name: str, path_params: Mapping[str, Any]) -> None:
        params = ", ".join(path_params)
        super().__init__(f'No route exists for name "{name}" and params "{params}".')


class Epoch:
    """The present age of what indexes know about routes: a route that changes begins a new one."""

    now: object = object()


# What an index found out about a route holds while its pattern and these are what they were.
_METHODS = frozenset({"handle", "matches"})


class _LateRegex:
    """A route's `path_regex`: compiled when it is first asked for, unless one was assigned.

    To compile it is most of what a route costs to make, in time and in memory, and a literal one
    never needs it.
    """

    def __get__(self, route: "BaseRoute | None", owner: type) -> Any:
        if route is None:
            return self
        if route._template is None:
            raise AttributeError(f"{owner.__name__!r} object has no attribute 'path_regex'")
        pattern = route._template.compile()
        object.__setattr__(route, "path_regex", pattern)
        return pattern


LATE_REGEX: Any = _LateRegex()


class BaseRoute:
    """One entry of a routing table. Subclasses say what they match and what they do with it.

    A route is an ASGI application too: called by itself it answers what it matches, and refuses
    anything else with 404 or, for a websocket, by closing it.
    """

    _template: Template | None = None
    _prefix: str = ""
    _has_own_methods: bool = False

    def __setattr__(self, name: str, value: Any) -> None:
        is_method = name in _METHODS
        replaced = is_method or (name == "path_regex" and self._template is not None)
        super().__setattr__(name, value)
        if name == "path_regex":
            template = template_of(value)
            super().__setattr__("_template", template)
            super().__setattr__("_prefix", template.prefix if template else "")
        elif is_method:
            # Noted, since a look at `__dict__` makes one that stays: a tenth of a route's memory.
            super().__setattr__("_has_own_methods", True)
        if replaced:
            Epoch.now = object()

    def _read_template(self, path: str) -> None:
        template = Template(parse_template(path))
        of_class = getattr(type(self), "path_regex", None)
        # At once where an index may know the pattern that was, or a class has a default of its own.
        if self._template is not None or of_class is not LATE_REGEX:
            self.path_regex: re.Pattern[str] = template.compile()
        self._template = template
        self._prefix = template.prefix
        self.path_format: str = template.format()
        self.param_convertors: dict[str, Convertor[Any]] = template.convertors()

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Tell whether the route takes the request, and what its scope gains if so.

        It decides from `scope` alone and changes nothing.
        """
        raise NotImplementedError

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        """Build the path of the route called `name`; NoMatchFound when it is not this one."""
        raise NotImplementedError

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request that the route matched; `scope` was updated with what it gains."""
        raise NotImplementedError

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as an application of one route."""
        match, child_scope = self.matches(scope)
        if match is not Match.NONE:
            scope.update(child_scope)
            await self.handle(scope, receive, send)
        elif scope["type"] == "http":
            await PlainTextResponse("Not Found", 404)(scope, receive, send)
        elif scope["type"] == "websocket":
            await WebSocketClose()(scope, receive, send)


def refusal(
    status_code: int, detail: str, scope: Scope, headers: Mapping[str, str] | None = None
) -> PlainTextResponse:
    """Give the plain text of an error; raise it inside an application, for its handlers."""
    if "app" in scope:
        raise HTTPException(status_code, detail, headers)
    return PlainTextResponse(detail, status_code, headers)


def method_set(methods: Collection[str]) -> set[str]:
    """Give methods in upper case, with HEAD where there is GET; TypeError for a single text."""
    if isinstance(methods, str):
        raise TypeError(f"Methods are a list of names: write [{methods!r}] instead of {methods!r}")
    names = {sys.intern(method.upper()) for method in methods}
    return names | {"HEAD"} if "GET" in names else names


_NO_METHODS: frozenset[str] = frozenset()


def allow_header(scope: Scope, methods: Iterable[str]) -> dict[str, str]:
    """Give the Allow header (RFC 9110, section 10.2.1) of a route that refuses the method.

    Beside its own methods it names those that the router found at the other routes of the path.
    """
    others: frozenset[str] = scope.get(ALLOW_SCOPE_KEY, _NO_METHODS)
    return {"Allow": ", ".join(sorted(others.union(methods)))}


def mounted_scope(scope: Scope, matched: str) -> Scope:
    """Give the root paths of an application below `matched`, a path without a final slash."""
    outer: str = scope.get("root_path", "")
    return {
        "root_path": outer.rstrip("/") + matched if outer else matched,
        "app_root_path": scope.get("app_root_path", outer),
    }
