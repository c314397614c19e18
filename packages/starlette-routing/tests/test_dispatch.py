"""The index finds exactly what a linear scan over the routes finds.

`LinearRouter` is that scan. Tables, paths and root paths are random; the table of every example
also holds routes that the index can know nothing about.
"""

import re
from collections.abc import Callable, Iterator, MutableMapping
from typing import Any

import pytest
from hypothesis import given, strategies as st

from starlette_http.paths import get_route_path
from starlette_http.requests import Request
from starlette_http.responses import PlainTextResponse, RedirectResponse, Response
from starlette_http.types import Receive, Scope, Send
from starlette_http.urls import URL
from starlette_routing.base import ALLOW_SCOPE_KEY
from starlette_routing.convertors import CONVERTOR_TYPES, Convertor
from starlette_routing.routing import (
    BaseRoute,
    Host,
    Match,
    Mount,
    Path,
    PathPrefix,
    Route,
    Router,
    WebSocketRoute,
)
from starlette_websockets.websockets import WebSocket


async def endpoint(request: Request) -> Response:
    return PlainTextResponse("{} {}".format(request.scope["route"], request.path_params))


async def session(websocket: WebSocket) -> None:
    await websocket.accept(subprotocol=repr(websocket.path_params))


# The model ------------------------------------------------------------------------------------


def scan(routes: list[BaseRoute], scope: Scope) -> tuple[int, Match, Scope] | None:
    """Ask one route after the other: the first FULL match, else the first PARTIAL one."""
    partial = None
    allowed: set[str] = set()
    for position, route in enumerate(routes):
        match, child_scope = route.matches(scope)
        if match is Match.FULL:
            return position, match, child_scope
        if match is Match.PARTIAL:
            partial = partial or (position, match, {ALLOW_SCOPE_KEY: allowed, **child_scope})
            allowed.update(getattr(route, "methods", ()))
    return partial


class LinearRouter(Router):
    """A router whose every lookup is a scan."""

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("router", self)
        found = scan(self.routes, scope)
        if found is not None:
            route = self.routes[found[0]]
            scope["route"] = route
            scope.update(found[2])
            await route.handle(scope, receive, send)
            return
        if scope["type"] == "http" and get_route_path(scope) != "/":
            path = scope["path"]
            other = {**scope, "path": path.rstrip("/") if path.endswith("/") else path + "/"}
            if any(route.matches(other)[0] is not Match.NONE for route in self.routes):
                root = scope.get("app_root_path", scope["root_path"]).rstrip("/")
                whole = f"{other['path']}/".startswith(f"{root}/")
                public = (other["path"] if whole else root + other["path"]).replace("%", "%25")
                url = URL(scope={**other, "path": public})
                await RedirectResponse(str(url))(scope, receive, send)
                return
        await self.default(scope, receive, send)


# Random tables --------------------------------------------------------------------------------


class Wide(Convertor[str]):
    """May be empty, may span segments, and has groups of its own."""

    regex = "(?P<left>a?)(/?)b*"

    def convert(self, value: str) -> str:
        return value.upper()


class Picky(Convertor[int]):
    regex = "[0-9ab]+"

    def convert(self, value: str) -> int:
        if value == "ab":
            raise LookupError(value)
        return int(value)


@pytest.fixture(autouse=True, scope="module")
def _convertors() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(CONVERTOR_TYPES, "wide", Wide())
        patch.setitem(CONVERTOR_TYPES, "picky", Picky())
        yield


class Even(Route):
    """Matches by a rule of its own, and notes every time that it is asked."""

    asked: list[str]

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        self.asked.append(self.path)
        return (Match.FULL if len(scope["path"]) % 2 == 0 else Match.NONE), {"endpoint": self}


class Loud(Route):
    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse(f"loud {self.path} {scope['path_params']}")(scope, receive, send)


class Nobody(BaseRoute):
    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        return Match.PARTIAL if scope["path"] == "/a" else Match.NONE, {"path_params": {}}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("nobody")(scope, receive, send)


def even(path: str) -> Route:
    route = Even(path, endpoint)
    route.asked = []
    return route


def foreign(path: str) -> Route:
    route = Route(path, endpoint)
    route.path_regex = re.compile(route.path_regex.pattern)
    return route


def shadowed(path: str) -> Route:
    route = Route(path, endpoint)
    matches = route.matches
    route.matches = lambda scope: matches({**scope, "method": "GET"})  # type: ignore[method-assign]
    return route


SEGMENTS = [
    "a",
    "b",
    "",
    "1",
    "{x}",
    "{x:int}",
    "a{x}",
    "{x}.b",
    "{x:path}",
    "{x:wide}",
    "{x:picky}",
]
METHODS = [None, [], ["GET"], ["POST"], ["GET", "PUT"]]


def _template(segments: list[str]) -> str:
    named = [segment.replace("x", f"x{place}") for place, segment in enumerate(segments)]
    return "/" + "/".join(named)


templates = (
    st.lists(st.sampled_from(SEGMENTS), min_size=1, max_size=4)
    .map(_template)
    .filter(
        lambda template: template.count(":wide") < 2  # its group has a name, which may stand once
    )
)
prefixes = templates | st.just("")
tables: st.SearchStrategy[list[BaseRoute]] = st.deferred(lambda: st.lists(routes, max_size=6))
routes: st.SearchStrategy[BaseRoute] = st.deferred(
    lambda: (
        st.builds(
            lambda path, methods: Route(path, endpoint, methods=methods),
            templates,
            st.sampled_from(METHODS),
        )
        | st.builds(lambda path: Loud(path, endpoint), templates)
        | st.builds(lambda path: WebSocketRoute(path, session), templates)
        | st.builds(lambda path, routes: Mount(path, routes=routes), prefixes, tables)
        | st.builds(lambda routes: Host("{sub}.org", Router(routes)), tables)
        | st.builds(even, templates)
        | st.builds(foreign, templates)
        | st.builds(shadowed, templates)
        | st.builds(lambda: Path("/a/(?P<y>[^/]*)", PlainTextResponse("path"), methods=["GET"]))
        | st.builds(lambda: PathPrefix("/{y}", PlainTextResponse("prefix"), methods=["PUT"]))
        | st.builds(Nobody)
    )
)

paths = st.lists(
    st.sampled_from(["a", "b", "", "1", "ab", "a1", "x.b", "\n", "\u00e9", "%25", "9" * 5000]),
    max_size=5,
).map(lambda parts: "/" + "/".join(parts))
scopes = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["http", "http", "http", "websocket"]),
        "method": st.sampled_from(["GET", "POST", "HEAD", "TRACE"]),
        "path": paths | st.just(""),
        "root_path": st.sampled_from(["", "", "/a", "/a/", "/elsewhere"]),
        "path_params": st.just({"outer": 1}),
        "query_string": st.just(b""),
        "headers": st.sampled_from([[], [(b"host", b"a.org")], [(b"host", b"b.net:80")]]),
    }
)


def _outcome(find: Callable[[], Any]) -> Any:
    try:
        return find()
    except (LookupError, ValueError) as exc:
        return repr(exc)


def _candidates(router: Router, scope: Scope) -> list[int]:
    return list(router.plan_for(scope["type"]).candidates(get_route_path(scope)))


@given(st.lists(routes, max_size=12), scopes)
def test_candidates_give_the_match_of_a_scan(table: list[BaseRoute], scope: Scope) -> None:
    positions = _candidates(Router(table), scope)

    def indexed() -> tuple[int, Match, Scope] | None:
        found = scan([table[position] for position in positions], scope)
        return found and (positions[found[0]], *found[1:])

    assert positions == sorted(set(positions))
    assert _outcome(indexed) == _outcome(lambda: scan(table, scope))


@given(st.lists(routes, max_size=12), scopes)
def test_every_route_that_is_no_candidate_says_no(table: list[BaseRoute], scope: Scope) -> None:
    others = set(range(len(table))) - set(_candidates(Router(table), scope))
    assert {table[position].matches(scope)[0] for position in others} <= {Match.NONE}


@given(st.lists(routes, max_size=12), scopes)
async def test_routers_answer_as_a_scan_does(table: list[BaseRoute], scope: Scope) -> None:
    async def answer(router: Router) -> tuple[Any, Any, Any]:
        sent: list[MutableMapping[str, Any]] = []
        seen: Scope = dict(scope)
        asked = [route for route in table if isinstance(route, Even)]
        for route in asked:
            route.asked.clear()

        async def receive() -> MutableMapping[str, Any]:
            return {"type": "websocket.connect"}

        async def send(message: MutableMapping[str, Any]) -> None:
            sent.append(message)

        try:
            await router(seen, receive, send)
        except Exception as exc:
            sent.append({"type": repr(exc)})
        del seen["router"]
        return sent, seen, [list(route.asked) for route in asked]

    assert await answer(Router(table)) == await answer(LinearRouter(table))
