"""The index notices every change of the routes, and costs the same however many they are."""

import copy
import functools
import pickle
import sys
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import pytest

from starlette_http.requests import Request
from starlette_http.responses import PlainTextResponse, Response
from starlette_http.types import Scope
from starlette_routing.convertors import CONVERTOR_TYPES, Convertor
from starlette_routing.dispatch import RouteList
from starlette_routing.paths import compile_path
from starlette_routing.routing import BaseRoute, Match, Mount, Path, Route, Router, WebSocketRoute
from starlette_websockets.websockets import WebSocket


async def endpoint(request: Request) -> Response:
    return PlainTextResponse("endpoint")


async def session(websocket: WebSocket) -> None:
    await websocket.accept()


def get(path: str) -> Scope:
    return {"type": "http", "method": "GET", "path": path, "headers": []}


def scan(routes: list[BaseRoute], scope: Scope) -> BaseRoute | None:
    """Ask one route after the other."""
    return next((route for route in routes if route.matches(scope)[0] is Match.FULL), None)


def indexed(router: Router, path: str) -> BaseRoute | None:
    """Ask the candidates alone."""
    plan = router.plan_for("http")
    return scan([plan.routes[position] for position in plan.candidates(path)], get(path))


def agree(router: Router) -> bool:
    return all(
        indexed(router, path) is scan(router.routes, get(path))
        for path in ("/a", "/b", "/c", "/z", "/x/y")
    )


def table() -> list[BaseRoute]:
    paths = ("/{x}", "/a", "/b", "/c", "/d/{x}", "/e/{x:path}", "/f", "/g")
    return [Route(path, endpoint, name=path) for path in paths]


def _name(route: BaseRoute) -> str:
    return str(vars(route)["name"])


CHANGES: dict[str, Callable[[Any], object]] = {
    "append": lambda routes: routes.append(Route("/x/y", endpoint)),
    "extend": lambda routes: routes.extend([Route("/x/y", endpoint)]),
    "insert": lambda routes: routes.insert(0, Route("/a", another)),
    "remove": lambda routes: routes.remove(routes[0]),
    "pop": lambda routes: routes.pop(0),
    "clear": lambda routes: routes.clear(),
    "sort": lambda routes: routes.sort(key=_name),
    "reverse": lambda routes: routes.reverse(),
    "set item": lambda routes: routes.__setitem__(0, Route("/z", endpoint)),
    "set slice": lambda routes: routes.__setitem__(slice(0, 2), [Route("/z", endpoint)]),
    "delete item": lambda routes: routes.__delitem__(0),
    "delete slice": lambda routes: routes.__delitem__(slice(1, 3)),
    "add in place": lambda routes: routes.__iadd__([Route("/x/y", endpoint)]),
    "multiply in place": lambda routes: routes.__imul__(0),
    "behind its back": lambda routes: list.append(routes, Route("/x/y", endpoint)),
}


async def another(request: Request) -> Response:
    return PlainTextResponse("another")


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("kind", [RouteList, list])
def test_every_change_of_the_routes_acts_at_once(
    change: Callable[[Any], object], kind: Callable[[list[BaseRoute]], list[BaseRoute]]
) -> None:
    router = Router()
    router.routes = kind(table())
    before = router.plan_for("http")
    assert agree(router)
    change(router.routes)
    assert router.plan_for("http") is not before
    assert agree(router)


def test_without_changes_the_plan_stays() -> None:
    router = Router(table())
    assert router.plan_for("http") is router.plan_for("http")
    assert router.plan_for("http") is not router.plan_for("websocket")


def test_making_routes_is_no_change() -> None:
    class Declared(Route):
        path_regex: Any = None

    router = Router(table())
    plan = router.plan_for("http")
    for kind in (Route, Declared):
        kind("/a", endpoint)
    assert router.plan_for("http") is plan


@pytest.mark.parametrize("path", ["/a", "/a/{x:int}"])
def test_a_route_has_the_pattern_of_its_path_when_somebody_asks(path: str) -> None:
    route = Route(path, endpoint)
    assert route.path_regex is compile_path(path)[0]
    assert route.path_regex is route.path_regex


def test_a_route_that_was_never_made_has_no_pattern() -> None:
    with pytest.raises(AttributeError, match="'Route' object has no attribute 'path_regex'"):
        Route.__new__(Route).path_regex  # noqa: B018


def test_a_class_may_have_a_default_in_the_place_of_the_pattern() -> None:
    class Declared(Route):
        path_regex: Any = None

    route = Declared("/a/{x}", endpoint)
    assert route.path_regex is compile_path("/a/{x}")[0]
    assert route.matches(get("/a/1"))[0] is Match.FULL


def test_a_route_that_is_made_anew_is_found_by_its_new_path() -> None:
    route = Route("/a", endpoint)
    router = Router([*table()[4:], route])
    assert indexed(router, "/a") is route
    Route.__init__(route, "/other", endpoint)
    assert (indexed(router, "/a"), indexed(router, "/other")) == (None, route)


def test_a_change_that_fails_half_way_is_a_change() -> None:
    router = Router(table())
    before = router.plan_for("http")

    def key(route: BaseRoute) -> str:
        raise LookupError(route)

    with pytest.raises(LookupError):
        router.routes.sort(key=key)
    assert router.plan_for("http") is not before


def test_other_routes_assigned_act_at_once() -> None:
    router = Router(table())
    assert agree(router)
    router.routes = [Route("/z", endpoint)]
    assert agree(router)


def test_a_plain_list_stays_the_users_own() -> None:
    router = Router()
    mine = table()
    router.routes = mine
    assert agree(router)
    mine[0] = Route("/z", endpoint)
    assert router.routes is mine
    assert agree(router)


def test_an_equal_route_in_the_place_of_another_is_noticed() -> None:
    one, other = Route("/a", endpoint), Route("/a", endpoint)
    router = Router()
    router.routes = [one]
    assert router.plan_for("http").direct["/a"] is one
    router.routes[0] = other
    assert one == other
    assert router.plan_for("http").direct["/a"] is other


def test_a_route_that_is_given_another_pattern_is_found_by_it() -> None:
    route = Route("/a", endpoint)
    router = Router([route])
    assert agree(router)
    route.path_regex = compile_path("/z")[0]
    assert agree(router)
    assert router.plan_for("http").direct == {"/z": route}


@pytest.mark.parametrize("name", ["matches", "handle"])
def test_a_route_whose_method_is_replaced_is_no_direct_route_any_more(name: str) -> None:
    route = Route("/a", endpoint)
    router = Router([route])
    assert router.plan_for("http").direct == {"/a": route}
    setattr(route, name, getattr(route, name))
    assert router.plan_for("http").direct == {}
    assert agree(router)


def test_a_change_while_a_route_is_asked_acts_on_the_next_request() -> None:
    router = Router()

    class Adding(Route):
        def matches(self, scope: Scope) -> tuple[Match, Scope]:
            router.routes.append(Route("/z", endpoint))
            return Match.NONE, {}

    router.routes.append(Adding("/a", endpoint))
    assert indexed(router, "/z") is None
    assert [_name(route) for route in router.plan_for("http").routes] == ["endpoint", "endpoint"]


def test_changes_in_another_thread_are_never_missed() -> None:
    router = Router(table())
    stop = threading.Event()

    def change() -> None:
        while not stop.is_set():
            router.routes.append(Route("/z", endpoint))
            router.routes.pop()

    thread = threading.Thread(target=change)
    thread.start()
    try:
        for _ in range(300):
            router.plan_for("http")
    finally:
        stop.set()
        thread.join()
    assert agree(router)
    assert router.plan_for("http").routes == tuple(router.routes)


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy], ids=["copy", "deepcopy"])
def test_a_copied_router_has_an_index_of_its_own(duplicate: Callable[[Router], Router]) -> None:
    router = Router(table())
    assert agree(router)
    other = duplicate(router)
    other.routes = [*other.routes, Route("/x/y", endpoint)]
    assert agree(router)
    assert agree(other)


def test_a_list_of_routes_can_be_pickled() -> None:
    class_route = [Path("/a", PlainTextResponse("a"))]
    assert pickle.loads(pickle.dumps(RouteList(class_route)))[0].path == "/a"


def test_a_mount_that_was_copied_and_given_another_path_is_found_by_it() -> None:
    mount = Mount("/a", routes=[])
    moved = copy.copy(mount)
    moved.path = "/z"
    moved.path_regex, moved.path_format, moved.param_convertors = compile_path("/z/{path:path}")
    router = Router([mount, moved, *table()])
    assert [router.plan_for("http").candidates(path) for path in ("/a/x", "/z/x")] == [[0], [1]]
    assert moved.matches(get("/z/x"))[0] is Match.FULL
    assert moved.matches(get("/a/x"))[0] is Match.NONE


class Language(Convertor[str]):
    regex = "[a-z]{2}"

    def convert(self, value: str) -> str:
        return value


@pytest.fixture(autouse=True, scope="module")
def _convertors() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(CONVERTOR_TYPES, "lang", Language())
        yield


@functools.cache
def big_table(size: int) -> list[BaseRoute]:
    return [
        route
        for number in range(size)
        for route in (
            Route(f"/static/{number}", endpoint),
            Route(f"/users/{number}/{{id:int}}", endpoint),
            Route(f"/{{language:lang}}/page-{number}", endpoint),
            Mount(f"/mount/{number}", routes=[]),
            WebSocketRoute(f"/live/{number}", session),
        )
    ]


def _matches_called(router: Router, path: str) -> int:
    codes = {kind.matches.__code__ for kind in (Route, WebSocketRoute, Mount)}
    calls = 0

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal calls
        calls += event == "call" and frame.f_code in codes

    router.plan_for("http")
    sys.setprofile(count)
    try:
        indexed(router, path)
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize(
    ("path", "calls"),
    [
        ("/static/0", 1),
        ("/static/{last}", 1),
        ("/users/{last}/5", 1),
        ("/mount/{last}/x", 1),
        ("/ab/page-{last}", 1),
        ("/nowhere", 0),
        ("/users/{last}", 0),
    ],
)
def test_the_routes_asked_do_not_grow_with_the_table(path: str, calls: int) -> None:
    for size in (2, 2000):
        router = Router(big_table(size))
        assert _matches_called(router, path.format(last=size - 1)) == calls


def test_paths_that_were_asked_for_leave_nothing_behind() -> None:
    router = Router(big_table(10))
    plan = router.plan_for("http")
    plan.candidates("/warm/up")
    tracemalloc.start()
    try:
        for number in range(5000):
            plan.candidates(f"/users/{number}/{number}")
        used, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert used < 10_000


def test_a_path_of_any_length_is_split_no_deeper_than_the_table() -> None:
    router = Router(big_table(10))
    assert router.plan_for("http").candidates("/" * 1_000_000) == []
