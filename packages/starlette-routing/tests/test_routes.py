"""Route and WebSocketRoute: what they match, how they answer, how they are called."""

import functools
import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from starlette_http.exceptions import HTTPException
from starlette_http.requests import Request
from starlette_http.responses import JSONResponse, PlainTextResponse, Response
from starlette_http.types import ASGIApp, Receive, Scope, Send
from starlette_routing.convertors import CONVERTOR_TYPES, Convertor
from starlette_routing.routing import (
    BaseRoute,
    Match,
    NoMatchFound,
    Route,
    Router,
    WebSocketRoute,
    get_name,
    request_response,
)
from starlette_websockets.websockets import WebSocket

Fetch = Callable[..., Awaitable[Any]]


async def show(request: Request) -> Response:
    return JSONResponse({"method": request.method, **request.path_params})


def show_in_a_thread(request: Request) -> Response:
    return PlainTextResponse("threaded")


async def session(websocket: WebSocket) -> None:
    await websocket.accept(subprotocol=f"{websocket.path_params}")


class Endpoint:
    """An ASGI application as an object."""

    async def get(self, request: Request) -> Response:
        return PlainTextResponse("bound")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("object")(scope, receive, send)


def scope(path: str, method: str = "GET", **more: Any) -> Scope:
    return {"type": "http", "method": method, "path": path, "headers": [], **more}


# Matching -------------------------------------------------------------------------------------


def test_a_match_gives_the_endpoint_and_the_converted_parameters() -> None:
    match, child_scope = Route("/{name}/{number:int}", show).matches(scope("/a/5"))
    assert match is Match.FULL
    assert child_scope == {"endpoint": show, "path_params": {"name": "a", "number": 5}}


def test_parameters_are_merged_over_outer_ones_in_a_new_dictionary() -> None:
    outer = {"a": "outer", "b": "outer"}
    _, child_scope = Route("/{a}", show).matches(scope("/inner", path_params=outer))
    assert child_scope["path_params"] == {"a": "inner", "b": "outer"}
    assert outer == {"a": "outer", "b": "outer"}


def test_the_path_of_another_method_is_a_partial_match() -> None:
    match, child_scope = Route("/a", show, methods=["POST"]).matches(scope("/a"))
    assert match is Match.PARTIAL
    assert child_scope == {"endpoint": show, "path_params": {}}


@pytest.mark.parametrize("path", ["/", "/a/", "/ab", "/a\n", "", "a"])
def test_another_path_is_no_match(path: str) -> None:
    assert Route("/a", show).matches(scope(path)) == (Match.NONE, {})


def test_a_websocket_is_no_match() -> None:
    assert Route("/a", show).matches({"type": "websocket", "path": "/a"}) == (Match.NONE, {})


@pytest.mark.parametrize(
    ("path", "root_path", "match"),
    [
        ("/api/a", "/api", Match.FULL),
        ("/api/a", "/api/", Match.FULL),
        ("/a", "/api", Match.FULL),
        ("/apia", "/api", Match.NONE),
        ("/api", "/api", Match.NONE),
    ],
)
def test_the_root_path_is_taken_off(path: str, root_path: str, match: Match) -> None:
    assert Route("/a", show).matches(scope(path, root_path=root_path))[0] is match


def test_a_value_that_does_not_convert_is_no_match() -> None:
    assert Route("/{n:int}", show).matches(scope("/" + "9" * 5000)) == (Match.NONE, {})


def test_groups_of_a_convertors_own_become_no_parameters(monkeypatch: pytest.MonkeyPatch) -> None:
    class Date(Convertor[str]):
        regex = r"(?P<year>\d{4})-(\d\d)"

        def convert(self, value: str) -> str:
            return value

    monkeypatch.setitem(CONVERTOR_TYPES, "date", Date())
    _, child_scope = Route("/{day:date}", show).matches(scope("/2020-10"))
    assert child_scope["path_params"] == {"day": "2020-10"}


def test_a_pattern_assigned_by_the_user_is_what_matches() -> None:
    route = Route("/a/{x}", show)
    route.path_regex = re.compile("/b/(?P<x>.)")
    assert route.matches(scope("/a/1"))[0] is Match.NONE
    assert route.matches(scope("/b/1"))[1]["path_params"] == {"x": "1"}


async def test_a_pattern_assigned_by_the_user_matches_no_websocket(channel: Any) -> None:
    route = Route("/a", show)
    route.path_regex = re.compile("/b")
    connection = channel({"type": "websocket.connect"})
    websocket = {"type": "websocket", "path": "/b"}
    await Router([route])(websocket, connection.receive, connection.send)
    assert connection.sent == [{"type": "websocket.close", "code": 1000, "reason": ""}]


def test_matching_needs_no_more_than_the_public_attributes() -> None:
    class Bare(Route):
        def __init__(self) -> None:
            self.endpoint = show
            self.methods = {"GET"}
            self.path_regex = re.compile("^/a$")
            self.param_convertors = {}

    assert Bare().matches(scope("/a"))[0] is Match.FULL
    assert Route.matches(Bare(), scope("/b"))[0] is Match.NONE


def test_a_websocket_route_takes_websockets_alone() -> None:
    route = WebSocketRoute("/{x:int}", session)
    websocket = {"type": "websocket", "path": "/5", "path_params": {"y": 1}}
    assert route.matches(websocket) == (
        Match.FULL,
        {"endpoint": session, "path_params": {"x": 5, "y": 1}},
    )
    assert route.matches({**websocket, "path": "/a"}) == (Match.NONE, {})
    assert route.matches(scope("/5")) == (Match.NONE, {})


# Methods --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("endpoint", "methods", "expected"),
    [
        (show, None, {"GET", "HEAD"}),
        (Endpoint().get, None, {"GET", "HEAD"}),
        (functools.partial(functools.partial(show)), None, {"GET", "HEAD"}),
        (Endpoint(), None, None),
        (show, ["post"], {"POST"}),
        (Endpoint(), ["get"], {"GET", "HEAD"}),
        (show, [], set()),
    ],
)
def test_methods(endpoint: Any, methods: list[str] | None, expected: set[str] | None) -> None:
    assert Route("/", endpoint, methods=methods).methods == expected


@pytest.mark.parametrize("methods", [None, []])
async def test_no_methods_are_all_methods(fetch: Fetch, methods: list[str] | None) -> None:
    assert (await fetch(Route("/", Endpoint(), methods=methods), "/", "WHATEVER")).status == 200


def test_methods_as_one_text_are_a_type_error() -> None:
    with pytest.raises(TypeError) as caught:
        Route("/", show, methods="GET")
    assert str(caught.value) == "Methods are a list of names: write ['GET'] instead of 'GET'"


async def test_another_method_is_405_and_told_the_allowed_ones(fetch: Fetch) -> None:
    answer = await fetch(Route("/", show, methods=["PUT", "GET"]), "/", "POST")
    assert (answer.status, answer.text) == (405, "Method Not Allowed")
    assert answer.headers["allow"] == "GET, HEAD, PUT"


async def test_inside_an_application_405_is_an_exception(fetch: Fetch) -> None:
    with pytest.raises(HTTPException) as caught:
        await fetch(Route("/", show), "/", "POST", app=object())
    assert caught.value.status_code == 405
    assert caught.value.headers == {"Allow": "GET, HEAD"}


async def test_405_names_the_methods_of_all_routes_of_the_path(fetch: Fetch) -> None:
    app = Router(
        [
            Route("/a", show, methods=["PUT"]),
            Route("/{x}", show, methods=["GET"]),
            Route("/b", show, methods=["DELETE"]),
        ]
    )
    answer = await fetch(app, "/a", "POST")
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD, PUT")


async def test_405_comes_before_the_middleware_of_the_route(fetch: Fetch) -> None:
    def refuse(app: ASGIApp) -> ASGIApp:
        return PlainTextResponse("middleware", 418)

    route = Route("/", show, middleware=[(refuse, (), {})])
    assert (await fetch(route, "/", "POST")).status == 405
    assert (await fetch(route, "/")).status == 418


# A route by itself ----------------------------------------------------------------------------


async def test_a_route_is_an_application(fetch: Fetch) -> None:
    answer = await fetch(Route("/{x:int}", show), "/5")
    assert answer.text == '{"method":"GET","x":5}'


async def test_a_route_by_itself_answers_404_to_other_paths(fetch: Fetch) -> None:
    answer = await fetch(Route("/a", show), "/b", app=object())
    assert (answer.status, answer.text) == (404, "Not Found")


async def test_a_route_by_itself_closes_websockets_and_ignores_the_rest(channel: Any) -> None:
    connection = channel()
    for scope_type in ("websocket", "lifespan"):
        kind = {"type": scope_type, "path": "/"}
        await Route("/", show)(kind, connection.receive, connection.send)
    assert connection.sent == [{"type": "websocket.close", "code": 1000, "reason": ""}]


async def test_a_base_route_leaves_everything_to_its_subclass(channel: Any) -> None:
    route, connection = BaseRoute(), channel()
    with pytest.raises(NotImplementedError):
        route.matches({})
    with pytest.raises(NotImplementedError):
        route.url_path_for("a")
    with pytest.raises(NotImplementedError):
        await route.handle({}, connection.receive, connection.send)


# Names and texts ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("endpoint", "name"),
    [
        (show, "show"),
        (Endpoint, "Endpoint"),
        (Endpoint(), "Endpoint"),
        (functools.partial(show), "partial"),
    ],
)
def test_a_route_is_called_like_its_endpoint(endpoint: Any, name: str) -> None:
    assert get_name(endpoint) == name


def test_a_given_name_is_kept_also_an_empty_one() -> None:
    assert Route("/", show, name="").name == ""
    assert WebSocketRoute("/", session).name == "session"


@pytest.mark.parametrize("kind", [Route, WebSocketRoute])
def test_a_path_without_a_slash_is_an_assertion_error(kind: Any) -> None:
    with pytest.raises(AssertionError) as caught:
        kind("users", show)
    assert str(caught.value) == "Routed paths must start with '/'"


@pytest.mark.parametrize(
    ("route", "text"),
    [
        (Route("/a", show, name="ep"), "Route(path='/a', name='ep', methods=['GET', 'HEAD'])"),
        (Route("/a", Endpoint()), "Route(path='/a', name='Endpoint', methods=[])"),
        (WebSocketRoute("/w", session), "WebSocketRoute(path='/w', name='session')"),
    ],
)
def test_the_text_of_a_route(route: BaseRoute, text: str) -> None:
    assert repr(route) == text


def test_routes_are_equal_by_path_endpoint_and_methods() -> None:
    route = Route("/a", show, name="x")
    assert route == Route("/a", show, name="y")
    assert route != Route("/b", show)
    assert route != Route("/a", show_in_a_thread)
    assert route != Route("/a", show, methods=["POST"])
    assert route != WebSocketRoute("/a", session)
    assert WebSocketRoute("/a", session) == WebSocketRoute("/a", session)
    assert WebSocketRoute("/a", session) != WebSocketRoute("/b", session)


@pytest.mark.parametrize("route", [Route("/", show), WebSocketRoute("/", session)])
def test_routes_cannot_be_hashed(route: object) -> None:
    with pytest.raises(TypeError, match="unhashable"):
        hash(route)


@pytest.mark.parametrize(
    ("route", "protocol"),
    [
        (Route("/{a}/{b:int}", show, name="r"), "http"),
        (WebSocketRoute("/{a}/{b:int}", session, name="r"), "websocket"),
    ],
)
def test_the_path_of_a_route_is_built_from_its_name(route: BaseRoute, protocol: str) -> None:
    path = route.url_path_for("r", a="x y", b=5)
    assert (path, path.protocol, path.host) == ("/x y/5", protocol, "")


@pytest.mark.parametrize("params", [{}, {"a": 1}, {"a": 1, "b": 2, "c": 3}, {"a": 1, "c": 3}])
def test_a_path_needs_exactly_the_parameters_of_the_route(params: dict[str, Any]) -> None:
    with pytest.raises(NoMatchFound) as caught:
        Route("/{a}/{b}", show).url_path_for("show", **params)
    names = ", ".join(params)
    assert str(caught.value) == f'No route exists for name "show" and params "{names}".'


def test_errors_of_a_convertor_are_not_no_match() -> None:
    with pytest.raises(AssertionError, match="Must not be empty"):
        Route("/{a}", show).url_path_for("show", a="")


# Replaced by others ---------------------------------------------------------------------------


async def test_a_replaced_request_response_is_used_by_later_routes(
    fetch: Fetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    earlier = Route("/", show_in_a_thread)

    def traced(func: Any) -> ASGIApp:
        app = request_response(func)

        async def tracing(scope: Scope, receive: Receive, send: Send) -> None:
            scope["traced"].append(func)
            await app(scope, receive, send)

        return tracing

    monkeypatch.setattr("starlette_routing.routing.request_response", traced)
    seen: list[Any] = []
    for route in (earlier, Route("/", show)):
        await fetch(route, "/", traced=seen)
    assert seen == [show]


async def test_a_replaced_handle_acts_at_once(
    fetch: Fetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = Router([Route("/", show)])
    assert (await fetch(app, "/")).status == 200
    monkeypatch.setattr(Route, "handle", PlainTextResponse("replaced").__call__)
    assert (await fetch(app, "/")).text == "replaced"


async def test_a_replaced_matches_acts_at_once(
    fetch: Fetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = Router([Route("/", show)])
    assert (await fetch(app, "/")).status == 200
    monkeypatch.setattr(Route, "matches", lambda self, scope: (Match.NONE, {}))
    assert (await fetch(app, "/")).status == 404
