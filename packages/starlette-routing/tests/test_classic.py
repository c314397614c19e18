"""Path, PathPrefix and ProtocolRouter, as the classic document has them."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from starlette_http.exceptions import HTTPException
from starlette_http.requests import Request
from starlette_http.responses import JSONResponse, PlainTextResponse, Response
from starlette_http.types import Receive, Scope, Send
from starlette_routing.routing import (
    Match,
    Mount,
    NoMatchFound,
    Path,
    PathPrefix,
    ProtocolRouter,
    Route,
    Router,
)

Fetch = Callable[..., Awaitable[Any]]


class Homepage:
    """An ASGI-2 application as a class."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    async def __call__(self, receive: Receive, send: Send) -> None:
        await PlainTextResponse("class")(self.scope, receive, send)


def function(scope: Scope) -> Response:
    return PlainTextResponse("function")


async def modern(scope: Scope, receive: Receive, send: Send) -> None:
    seen = ("path", "root_path", "app_root_path", "kwargs", "path_params")
    content = {key: scope[key] for key in seen if key in scope}
    await JSONResponse(content)(scope, receive, send)


async def endpoint(request: Request) -> Response:
    return PlainTextResponse("route")


def scope(path: str, scope_type: str = "http", **more: Any) -> Scope:
    return {"type": scope_type, "method": "GET", "path": path, "headers": [], **more}


# Path -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "app", "text"),
    [
        ("/", Homepage, "class"),
        ("/", function, "function"),
        ("/", Router([Path("/", PlainTextResponse("nested"))]), "nested"),
    ],
)
async def test_an_application_of_either_kind_answers(
    fetch: Fetch, path: str, app: Any, text: str
) -> None:
    assert (await fetch(Router([Path(path, app)]), "/")).text == text


@pytest.mark.parametrize(
    ("template", "path", "kwargs"),
    [
        ("/users/{username}", "/users/tom", {"username": "tom"}),
        ("/users/(?P<username>[a-zA-Z0-9_]{1,20})", "/users/tom", {"username": "tom"}),
        ("/{n:int}/(?P<rest>.*)", "/5/a/b", {"n": 5, "rest": "a/b"}),
        ("/a|/b", "/b", {}),
        (".*", "/a\nb\n", {}),
    ],
)
def test_a_path_is_a_regular_expression_with_placeholders(
    template: str, path: str, kwargs: dict[str, Any]
) -> None:
    route = Path(template, modern)
    assert route.matches(scope(path)) == (
        Match.FULL,
        {"endpoint": modern, "kwargs": kwargs, "path_params": kwargs},
    )


@pytest.mark.parametrize(
    ("template", "path"),
    [
        ("/users/{username}", "/users/"),
        ("/users/{username}", "/users/a/b"),
        ("/users", "/users\n"),
        ("/users", "/users/a"),
        ("/{n:int}", "/" + "9" * 5000),
    ],
)
def test_a_path_takes_whole_paths_alone(template: str, path: str) -> None:
    assert Path(template, modern).matches(scope(path)) == (Match.NONE, {})


def test_a_path_takes_websockets_whatever_its_methods() -> None:
    route = Path("/", modern, methods=["POST"])
    assert route.matches(scope("/", "websocket"))[0] is Match.FULL
    assert route.matches({"type": "lifespan"}) == (Match.NONE, {})


def test_groups_are_merged_over_outer_ones() -> None:
    outer: dict[str, Any] = {"kwargs": {"a": 1, "b": 1}, "path_params": {"c": 1}}
    _, child_scope = Path("/{b}", modern).matches(scope("/x", **outer))
    assert child_scope["kwargs"] == {"a": 1, "b": "x"}
    assert child_scope["path_params"] == {"b": "x", "c": 1}


@pytest.mark.parametrize(("method", "status"), [("GET", 200), ("HEAD", 200), ("POST", 406)])
async def test_a_method_that_is_not_listed_is_406(fetch: Fetch, method: str, status: int) -> None:
    answer = await fetch(Router([Path("/", Homepage, methods=["GET"])]), "/", method)
    assert answer.status == status


async def test_406_tells_the_allowed_methods(fetch: Fetch) -> None:
    answer = await fetch(Path("/", Homepage, methods=["PUT", "GET"]), "/", "POST")
    assert answer.text == "Method not allowed"
    assert answer.headers["allow"] == "GET, HEAD, PUT"
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"


async def test_inside_an_application_406_is_an_exception(fetch: Fetch) -> None:
    with pytest.raises(HTTPException) as caught:
        await fetch(Path("/", Homepage, methods=["GET"]), "/", "POST", app=object())
    assert (caught.value.status_code, caught.value.detail) == (406, "Method not allowed")
    assert caught.value.headers == {"Allow": "GET, HEAD"}


async def test_a_later_route_with_the_method_wins(fetch: Fetch) -> None:
    router = Router([Path("/", Homepage, methods=["GET"]), Route("/", endpoint, methods=["POST"])])
    assert (await fetch(router, "/", "POST")).text == "route"


async def test_classic_and_modern_routes_share_a_table(fetch: Fetch) -> None:
    router = Router(
        [
            Path("/a", Homepage),
            Route("/b", endpoint),
            Mount("/m", routes=[PathPrefix("/p", function)]),
        ]
    )
    answers = [(await fetch(router, path)).text for path in ("/a", "/b", "/m/p/x", "/c")]
    assert answers == ["class", "route", "function", "Not Found"]


def test_a_path_has_no_name() -> None:
    with pytest.raises(NoMatchFound):
        Path("/", Homepage).url_path_for("Homepage")


def test_what_a_path_was_given_can_be_read() -> None:
    route = Path("/{a}", Homepage, methods=["get"])
    assert (route.path, route.endpoint, route.methods) == ("/{a}", Homepage, {"GET", "HEAD"})
    assert repr(route) == f"Path(path='/{{a}}', app={Homepage!r}, methods=['GET', 'HEAD'])"


# PathPrefix -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("template", "path", "root_path"),
    [
        ("/users", "/users", "/users"),
        ("/users", "/users/a/b", "/users"),
        ("/mount/", "/mount/", "/mount"),
        ("/mount/", "/mount/a", "/mount"),
        ("/{org}", "/acme/a", "/acme"),
        ("/(?P<year>[0-9]{4})/", "/2018/a", "/2018"),
        ("/", "/a", ""),
        ("", "/a", ""),
        ("/a|/b", "/b/c", "/b"),
    ],
)
def test_a_prefix_takes_the_beginning_of_a_path(template: str, path: str, root_path: str) -> None:
    match, child_scope = PathPrefix(template, modern).matches(scope(path))
    assert (match, child_scope["root_path"]) == (Match.FULL, root_path)
    assert child_scope["app_root_path"] == ""


@pytest.mark.parametrize(
    ("template", "path"),
    [("/users", "/usersx"), ("/mount/", "/mount"), ("/{org}", "/"), ("/a", "/b/a")],
)
def test_a_prefix_ends_with_a_segment(template: str, path: str) -> None:
    assert PathPrefix(template, modern).matches(scope(path)) == (Match.NONE, {})


async def test_the_path_stays_whole_below_a_prefix(fetch: Fetch) -> None:
    inner = Router([Path("/", modern), Path("/{username}", modern)])
    router = Router([PathPrefix("/api", Router([PathPrefix("/users", inner)]))])
    assert (await fetch(router, "/api/users/tom", root_path="/root/")).text == (
        '{"path":"/api/users/tom","root_path":"/root/api/users","app_root_path":"/root/",'
        '"kwargs":{"username":"tom"},"path_params":{"username":"tom"}}'
    )


async def test_a_method_that_a_prefix_does_not_list_is_406(fetch: Fetch) -> None:
    router = Router([PathPrefix("/users", Homepage, methods=["GET"])])
    assert (await fetch(router, "/users/a", "POST")).status == 406


# ProtocolRouter -------------------------------------------------------------------------------


async def test_the_application_of_the_protocol_answers(fetch: Fetch, channel: Any) -> None:
    class Echo:
        def __init__(self, scope: Scope) -> None:
            pass

        async def __call__(self, receive: Receive, send: Send) -> None:
            await send({"type": "websocket.accept"})

    app = ProtocolRouter({"http": Router([Path("/", Homepage)]), "websocket": Echo})
    assert (await fetch(app, "/")).text == "class"
    connection = channel()
    await app(scope("/", "websocket"), connection.receive, connection.send)
    assert connection.sent == [{"type": "websocket.accept"}]


async def test_a_protocol_without_an_application(fetch: Fetch, channel: Any) -> None:
    app = ProtocolRouter({})
    answer = await fetch(app, "/")
    assert (answer.status, answer.text) == (404, "Not Found")
    connection = channel({"type": "lifespan.startup"}, {"type": "lifespan.shutdown"})
    for scope_type in ("websocket", "lifespan"):
        await app({"type": scope_type}, connection.receive, connection.send)
    assert [message["type"] for message in connection.sent] == [
        "websocket.close",
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
    ]


async def test_an_unknown_protocol_is_named(channel: Any) -> None:
    with pytest.raises(RuntimeError) as caught:
        await ProtocolRouter({"mqtt": modern})({"type": "coap"}, channel().receive, channel().send)
    assert str(caught.value) == (
        "No application for scope type 'coap', only for http, lifespan, mqtt, websocket"
    )
