"""Routes that are never reached."""

import re
from typing import Any

import pytest

from starlette_http.requests import Request
from starlette_http.responses import PlainTextResponse, Response
from starlette_http.types import Scope
from starlette_routing.routing import BaseRoute, Host, Match, Mount, Path, Route, WebSocketRoute
from starlette_routing.shadows import shadowed_routes
from starlette_websockets.websockets import WebSocket


async def show(request: Request) -> Response:
    return PlainTextResponse("")


async def session(websocket: WebSocket) -> None:
    await websocket.accept()


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("/a", "/a"),
        ("/{x}", "/a"),
        ("/{x}", "/{y:int}"),
        ("/{x}", "/a{y}.b"),
        ("/{x}/b", "/{y:uuid}/b"),
        ("/{x:int}", "/5"),
        ("/{x:int}", "/{y:int}"),
        ("/a{x:int}.b", "/a{y:int}.b"),
        ("/{x:path}", "/"),
        ("/{x:path}", "/a/{y:path}/b"),
        ("/a/{x:path}", "/a/b/c"),
        ("/{y}/{x:path}", "/a/{b}/c"),
        ("/{x:path}/b", "/{y:path}/b"),
    ],
)
def test_a_route_whose_paths_another_takes_before_it_is_never_reached(
    first: str, second: str
) -> None:
    one, other = Route(first, show), Route(second, show)
    assert shadowed_routes([one, other]) == [(other, one)]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("/a", "/b"),
        ("/a", "/{x}"),
        ("/{x}", "/"),
        ("/{x}", "/a/b"),
        ("/{x}/b", "/{x}/c"),
        ("/{x:int}", "/a"),
        ("/{x:int}", "/" + "9" * 5000),
        ("/{x:int}", "/{x:float}"),
        ("/a{x}", "/{y}"),
        ("/a/{x:path}", "/a"),
        ("/a/{x:path}", "/b/c"),
        ("/a/b/{x:path}", "/a/{x:path}"),
        ("/{x:path}/b", "/{x:path}/c"),
        ("/{x:path}/b", "/a/b"),
        ("/{a}/{b}/{x:path}", "/{a}/b"),
        ("/{a}/{b}/{x:path}", "/c"),
    ],
)
def test_a_route_with_paths_of_its_own_is_reached(first: str, second: str) -> None:
    assert shadowed_routes([Route(first, show), Route(second, show)]) == []


@pytest.mark.parametrize(
    ("first", "second", "shadowed"),
    [
        (["GET"], ["GET"], True),
        (["GET", "POST"], ["POST"], True),
        ([], ["POST"], True),
        ([], [], True),
        (["GET"], ["POST"], False),
        (["GET"], [], False),
    ],
)
def test_methods_count(first: list[str], second: list[str], shadowed: bool) -> None:
    routes = [Route("/", show, methods=first), Route("/", show, methods=second)]
    assert bool(shadowed_routes(routes)) is shadowed


def test_a_mount_takes_requests_and_websockets_below_it() -> None:
    mount = Mount("/m", PlainTextResponse("m"))
    inside = [Route("/m/x", show), WebSocketRoute("/m/{x}", session), Mount("/m/n", routes=[])]
    assert shadowed_routes([mount, *inside]) == [(route, mount) for route in inside]
    assert shadowed_routes([Route("/m/{x:path}", show), mount]) == []
    assert shadowed_routes([mount, Route("/m", show)]) == []
    assert shadowed_routes([Route("/", show), WebSocketRoute("/", session)]) == []


def test_routes_inside_of_mounts_are_looked_at() -> None:
    one, other = Route("/{x}", show), Route("/a", show)
    assert shadowed_routes([Mount("/m", routes=[one, other])]) == [(other, one)]


def test_each_route_is_reported_once_with_the_first_that_shadows_it() -> None:
    one, two, three = (Route(path, show) for path in ("/{x}", "/a", "/a"))
    assert shadowed_routes([one, two, three]) == [(two, one), (three, one)]


class Odd(Route):
    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        return Match.NONE, {}


def foreign() -> Route:
    route = Route("/{x}", show)
    route.path_regex = re.compile("/(?P<x>.*)")
    return route


@pytest.mark.parametrize(
    "unknown",
    [
        Odd("/{x}", show),
        foreign(),
        Path("/.*", PlainTextResponse()),
        Host("a.org", PlainTextResponse()),
    ],
)
def test_of_routes_that_match_in_their_own_way_nothing_is_said(unknown: BaseRoute) -> None:
    assert shadowed_routes([unknown, Route("/a", show), unknown]) == []


def test_the_report_names_both() -> None:
    routes: list[Any] = [Route("/{x}", show), Route("/me", show)]
    assert [str(found) for found in shadowed_routes(routes)] == [
        "Route(path='/me', name='show', methods=['GET', 'HEAD']) is never reached: "
        "Route(path='/{x}', name='show', methods=['GET', 'HEAD']) comes first and "
        "takes its requests"
    ]
