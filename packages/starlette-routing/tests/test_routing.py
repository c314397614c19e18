"""Router: choosing the route, the scope it leaves, redirects, 404 and URLs."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from starlette_http.exceptions import HTTPException
from starlette_http.requests import Request
from starlette_http.responses import PlainTextResponse, Response
from starlette_http.types import ASGIApp, Receive, Scope, Send
from starlette_routing.routing import (
    BaseRoute,
    Host,
    Match,
    Mount,
    NoMatchFound,
    Path,
    Route,
    Router,
    WebSocketRoute,
)
from starlette_websockets.websockets import WebSocket

Fetch = Callable[..., Awaitable[Any]]


def answering(text: str) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        return PlainTextResponse(text)

    return endpoint


async def show(request: Request) -> Response:
    return PlainTextResponse("shown")


async def session(websocket: WebSocket) -> None:
    await websocket.accept(subprotocol="session")


# Choosing -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "text"),
    [
        ("GET", "/a", "first"),
        ("POST", "/a", "posted"),
        ("GET", "/b", "any"),
        ("GET", "/m/b", "mounted"),
    ],
)
async def test_the_first_route_that_takes_path_and_method_answers(
    fetch: Fetch, method: str, path: str, text: str
) -> None:
    app = Router(
        [
            Route("/a", answering("first")),
            Route("/a", answering("second")),
            Route("/{x}", answering("any")),
            Route("/a", answering("posted"), methods=["POST"]),
            Mount("/m", routes=[Route("/b", answering("mounted"))]),
            Route("/m/b", answering("too late")),
        ]
    )
    assert (await fetch(app, path, method)).text == text


async def test_among_routes_without_the_method_the_first_refuses(fetch: Fetch) -> None:
    app = Router([Path("/a", app=show_app, methods=["PUT"]), Route("/a", show)])
    answer = await fetch(app, "/a", "POST")
    assert (answer.status, answer.headers["allow"]) == (406, "GET, HEAD, PUT")


async def test_a_route_that_lets_others_go_first_answers_where_there_is_none(fetch: Fetch) -> None:
    class Last(Route):
        def matches(self, scope: Scope) -> tuple[Match, Scope]:
            match, child_scope = super().matches(scope)
            return (Match.PARTIAL if match is Match.FULL else match), child_scope

    routes = [Last("/{x}", answering("last")), Route("/a", answering("a"))]
    assert (await fetch(Router(routes), "/a")).text == "a"
    assert (await fetch(Router(routes), "/b")).text == "last"


async def show_app(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("app")(scope, receive, send)


@pytest.mark.parametrize("path", ["/a", "/1"])
async def test_the_scope_tells_what_was_chosen(fetch: Fetch, path: str) -> None:
    routes = [Route("/a", show, name="a"), Route("/{n:int}", show)]
    router = Router(routes)
    seen: list[Scope] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await router(scope, receive, send)
        seen.append(scope)

    await fetch(app, path, path_params={"outer": 1})
    own = {} if path == "/a" else {"n": 1}
    assert seen[0]["router"] is router
    assert seen[0]["route"] is routes[path != "/a"]
    assert seen[0]["endpoint"] is show
    assert seen[0]["path_params"] == {"outer": 1, **own}


async def test_the_outermost_router_stays_the_router(fetch: Fetch) -> None:
    async def endpoint(request: Request) -> Response:
        return PlainTextResponse(str(request.scope["router"] is outer))

    outer = Router([Mount("/m", routes=[Route("/", endpoint)])])
    assert (await fetch(outer, "/m/")).text == "True"


async def test_a_route_may_name_another_one_in_the_scope(fetch: Fetch) -> None:
    class Included(BaseRoute):
        def matches(self, scope: Scope) -> tuple[Match, Scope]:
            return Match.FULL, {"route": "another"}

        async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
            await PlainTextResponse(scope["route"])(scope, receive, send)

    assert (await fetch(Router([Included()]), "/")).text == "another"


async def test_a_websocket_is_answered_by_its_route(channel: Any) -> None:
    connection = channel({"type": "websocket.connect"})
    router = Router([Route("/", show), WebSocketRoute("/", session)])
    websocket = {"type": "websocket", "path": "/", "headers": []}
    await router(websocket, connection.receive, connection.send)
    assert connection.sent[0]["subprotocol"] == "session"


async def test_another_type_of_scope_is_an_assertion_error(channel: Any) -> None:
    with pytest.raises(AssertionError) as caught:
        await Router()({"type": "mqtt"}, channel().receive, channel().send)
    assert str(caught.value) == "A router answers http, websocket and lifespan, not mqtt"


# Nothing found --------------------------------------------------------------------------------


async def test_no_route_is_404(fetch: Fetch) -> None:
    seen: list[Scope] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await Router([Route("/a", show)])(scope, receive, send)
        seen.append(scope)

    answer = await fetch(app, "/b")
    assert (answer.status, answer.text) == (404, "Not Found")
    assert "route" not in seen[0]


async def test_inside_an_application_404_is_an_exception(fetch: Fetch) -> None:
    with pytest.raises(HTTPException) as caught:
        await fetch(Router(), "/", app=object())
    assert (caught.value.status_code, caught.value.detail) == (404, "Not Found")


@pytest.mark.parametrize("more", [{}, {"app": object()}])
async def test_a_websocket_without_a_route_is_closed(channel: Any, more: dict[str, Any]) -> None:
    connection = channel()
    websocket = {"type": "websocket", "path": "/a/", **more}
    router = Router([WebSocketRoute("/a", session)])
    await router(websocket, connection.receive, connection.send)
    assert connection.sent == [{"type": "websocket.close", "code": 1000, "reason": ""}]


async def test_a_default_answers_instead(fetch: Fetch) -> None:
    router = Router(default=PlainTextResponse("default"))
    assert (await fetch(router, "/")).text == "default"
    router.default = PlainTextResponse("replaced")
    assert (await fetch(router, "/")).text == "replaced"


# Redirects ------------------------------------------------------------------------------------

SLASHES = Router(
    [
        Route("/a", show),
        Route("/b/", show, methods=["POST"]),
        Mount("/m", routes=[Route("/x", show), Route("/", show)]),
        Route("/{name:path}/end", show),
    ]
)


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/a/", "http://example.org/a"),
        ("/a///", "http://example.org/a"),
        ("/b", "http://example.org/b/"),
        ("/m", "http://example.org/m/"),
        ("/m/x/", "http://example.org/m/x"),
        ("//evil.org/end/", "http://example.org//evil.org/end"),
        ("/50%25/end/", "http://example.org/50%2525/end"),
        ("/a?b#c\\d/end/", "http://example.org/a%3Fb%23c%5Cd/end"),
        ("/\u00e9\r\n/end/", "http://example.org/%C3%A9%0D%0A/end"),
    ],
)
async def test_a_path_with_or_without_its_slash_is_redirected_to_the_one_there_is(
    fetch: Fetch, path: str, location: str
) -> None:
    answer = await fetch(SLASHES, path)
    assert (answer.status, answer.headers["location"]) == (307, location)


async def test_a_redirect_keeps_method_and_query(fetch: Fetch) -> None:
    answer = await fetch(SLASHES, "/a/", "DELETE", query_string=b"x=1&y=%20")
    assert (answer.status, answer.headers["location"]) == (307, "http://example.org/a?x=1&y=%20")


@pytest.mark.parametrize(
    ("more", "location"),
    [
        ({"headers": [], "server": ("127.0.0.1", 8000)}, "http://127.0.0.1:8000/a"),
        ({"headers": []}, "/a"),
        ({"headers": [(b"host", b"a.org")], "scheme": "https"}, "https://a.org/a"),
    ],
)
async def test_a_redirect_goes_to_the_host_that_was_asked(
    fetch: Fetch, more: dict[str, Any], location: str
) -> None:
    assert (await fetch(SLASHES, "/a/", **more)).headers["location"] == location


async def test_a_redirect_without_a_host_stays_on_the_host(fetch: Fetch) -> None:
    answer = await fetch(SLASHES, "//evil.org/end/", headers=[])
    assert answer.headers["location"] == "/%2Fevil.org/end"


@pytest.mark.parametrize(
    ("path", "raw_path", "location"),
    [
        ("/a%/end/", b"/a%25/end/", "/a%25/end"),
        ("/\ufffd/end/", b"/%ff/end/", "/%ff/end"),
        ("/x/end/", b"/x/end%2F", "/x/end"),
        ("/x/end/", b"/rewritten/", "/x/end"),
        ("/x/end/", b"/x\xff/end/", "/x/end"),
        ("/x/end/", None, "/x/end"),
        ("/b", b"/%62", "/%62/"),
    ],
)
async def test_a_redirect_writes_the_path_as_the_client_did(
    fetch: Fetch, path: str, raw_path: bytes | None, location: str
) -> None:
    answer = await fetch(SLASHES, path, raw_path=raw_path, headers=[])
    assert answer.headers["location"] == location


@pytest.mark.parametrize(
    ("path", "root_path", "location"),
    [
        ("/api/a/", "/api", "/api/a"),
        ("/a/", "/api", "/api/a"),
        ("/a/", "/api/", "/api/a"),
        ("/m/x/", "/api", "/api/m/x"),
        ("/api/m/x/", "/api", "/api/m/x"),
        ("/m", "/api", "/api/m/"),
        ("/a/", "/50%", "/50%25/a"),
    ],
)
async def test_a_redirect_keeps_the_prefix_of_a_proxy(
    fetch: Fetch, path: str, root_path: str, location: str
) -> None:
    answer = await fetch(SLASHES, path, root_path=root_path, headers=[])
    assert answer.headers["location"] == location


@pytest.mark.parametrize(
    ("path", "status"), [("/", 404), ("/nowhere/", 404), ("/b/", 405), ("/api", 404)]
)
async def test_no_redirect_for(fetch: Fetch, path: str, status: int) -> None:
    root_path = "/api" if path == "/api" else ""
    assert (await fetch(SLASHES, path, root_path=root_path)).status == status


async def test_slash_redirects_can_be_switched_off(fetch: Fetch) -> None:
    router = Router([Route("/a", show)], redirect_slashes=False)
    assert (await fetch(router, "/a/")).status == 404
    router.redirect_slashes = True
    assert (await fetch(router, "/a/")).status == 307


# Layers ---------------------------------------------------------------------------------------


async def test_layers_of_a_router_see_every_scope_the_first_outermost(channel: Any) -> None:
    def layer(app: ASGIApp, name: str) -> ASGIApp:
        async def layered(scope: Scope, receive: Receive, send: Send) -> None:
            seen.append(name + scope["type"])
            await app(scope, receive, send)

        return layered

    seen: list[str] = []
    router = Router(middleware=[(layer, ("1",), {}), (layer, ("2",), {})])
    connection = channel({"type": "lifespan.startup"}, {"type": "lifespan.shutdown"})
    await router({"type": "lifespan"}, connection.receive, connection.send)
    assert seen == ["1lifespan", "2lifespan"]


async def test_the_body_limit_of_a_router(channel: Any) -> None:
    async def read(request: Request) -> Response:
        return Response(await request.body())

    connection = channel({"type": "http.request", "body": b"12345", "more_body": False})
    scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
    router = Router([Route("/", read)], max_body_size=4)
    await router(scope, connection.receive, connection.send)
    assert connection.sent[0]["status"] == 413


async def test_a_replaced_stack_acts_at_once(fetch: Fetch) -> None:
    router = Router([Route("/", show)])
    router.middleware_stack = PlainTextResponse("replaced")
    assert (await fetch(router, "/")).text == "replaced"


@pytest.mark.parametrize("middleware", [[], [(lambda app: app, (), {})]])
async def test_a_replaced_app_acts_at_once(
    fetch: Fetch, monkeypatch: pytest.MonkeyPatch, middleware: Any
) -> None:
    router = Router([Route("/", show)], middleware=middleware)
    assert (await fetch(router, "/")).text == "shown"
    monkeypatch.setattr(Router, "app", PlainTextResponse("replaced").__call__)
    assert (await fetch(router, "/")).text == "replaced"


# Building -------------------------------------------------------------------------------------


async def test_routes_can_be_added_one_by_one(fetch: Fetch) -> None:
    router = Router()
    router.add_route("/a", show, methods=["PUT"], name="a", include_in_schema=False)
    router.add_websocket_route("/w", session, name="w")
    router.mount("/m", show_app, name="m")
    router.host("example.org", show_app, name="h")
    added = [
        Route("/a", show, methods=["PUT"]),
        WebSocketRoute("/w", session),
        Mount("/m", show_app),
        Host("example.org", show_app),
    ]
    assert router.routes == added
    names = [getattr(route, "name", None) for route in router.routes]
    assert names == ["a", "w", "m", "h"]
    assert (await fetch(router, "/anything")).text == "app"


def test_the_routes_are_a_list_of_the_routers_own() -> None:
    mine: list[BaseRoute] = [Route("/a", show)]
    router = Router(mine)
    mine.clear()
    assert isinstance(router.routes, list)
    assert router.routes == [Route("/a", show)]


def test_routers_are_equal_by_their_routes() -> None:
    assert Router([Route("/a", show)]) == Router([Route("/a", show)], redirect_slashes=False)
    assert Router([Route("/a", show)]) != Router()
    assert Router() != []


# URLs -----------------------------------------------------------------------------------------


def test_the_first_route_of_a_name_and_its_parameters_gives_the_path() -> None:
    router = Router(
        [
            Route("/a", show, name="x"),
            Route("/a/{b}", show, name="x"),
            Route("/late/{b}", show, name="x"),
            Mount("/m", name="m", routes=[Route("/c", show, name="x")]),
        ]
    )
    assert router.url_path_for("x") == "/a"
    assert router.url_path_for("x", b="c") == "/a/c"
    assert router.url_path_for("m:x") == "/m/c"


def test_a_path_parameter_may_be_called_name() -> None:
    assert Router([Route("/{name}", show)]).url_path_for("show", name="x") == "/x"


def test_no_route_of_a_name_is_told_with_what_was_asked_for() -> None:
    router = Router([Mount("/{org}", routes=[Route("/{b}", show)])])
    with pytest.raises(NoMatchFound) as caught:
        router.url_path_for("show", org="a", c=1)
    assert str(caught.value) == 'No route exists for name "show" and params "org, c".'


@pytest.mark.parametrize(
    ("path", "root_path", "url"),
    [
        ("/m/x", "", "http://example.org/m/x"),
        ("/api/m/x", "/api", "http://example.org/api/m/x"),
        ("/m/x", "/api", "http://example.org/api/m/x"),
    ],
)
async def test_url_for_starts_at_the_outermost_router(
    fetch: Fetch, path: str, root_path: str, url: str
) -> None:
    async def endpoint(request: Request) -> Response:
        return PlainTextResponse(str(request.url_for("m:here")))

    router = Router([Mount("/m", name="m", routes=[Route("/x", endpoint, name="here")])])
    assert (await fetch(router, path, root_path=root_path)).text == url
