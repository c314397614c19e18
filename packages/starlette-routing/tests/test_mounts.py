"""Mount and Host: applications below a path or on a host."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from starlette_http.requests import Request
from starlette_http.responses import JSONResponse, PlainTextResponse, Response
from starlette_http.types import ASGIApp, Receive, Scope, Send
from starlette_routing.routing import (
    Host,
    Match,
    Mount,
    NoMatchFound,
    Route,
    Router,
    WebSocketRoute,
)
from starlette_websockets.websockets import WebSocket

Fetch = Callable[..., Awaitable[Any]]

SEEN = ("path", "root_path", "app_root_path", "path_params")


async def show(request: Request) -> Response:
    return JSONResponse({key: request.scope[key] for key in SEEN if key in request.scope})


async def session(websocket: WebSocket) -> None:
    await websocket.accept()


def scope(path: str, scope_type: str = "http", **more: Any) -> Scope:
    return {"type": scope_type, "method": "GET", "path": path, "headers": [], **more}


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("app")(scope, receive, send)


# Mount: matching ------------------------------------------------------------------------------


@pytest.mark.parametrize("scope_type", ["http", "websocket"])
@pytest.mark.parametrize("path", ["/m/", "/m/x", "/m//", "/m/a\nb\n"])
def test_a_mount_takes_everything_below_it(path: str, scope_type: str) -> None:
    match, child_scope = Mount("/m", app).matches(scope(path, scope_type))
    assert match is Match.FULL
    assert child_scope == {
        "path_params": {},
        "root_path": "/m",
        "app_root_path": "",
        "endpoint": app,
    }


@pytest.mark.parametrize("path", ["/m", "/", "/mx", "/other/m/x", ""])
def test_a_mount_does_not_take_its_own_path_nor_others(path: str) -> None:
    assert Mount("/m", app).matches(scope(path)) == (Match.NONE, {})


def test_a_mount_takes_no_lifespan() -> None:
    assert Mount("", app).matches({"type": "lifespan"}) == (Match.NONE, {})


@pytest.mark.parametrize("path", ["", "/"])
def test_a_mount_at_the_root_takes_every_path(path: str) -> None:
    match, child_scope = Mount(path, app).matches(scope("/x/y"))
    assert (match, child_scope["root_path"]) == (Match.FULL, "")


def test_the_parameters_of_a_mount_are_merged_and_its_path_is_none() -> None:
    mount = Mount("/{org}/{n:int}", app)
    _, child_scope = mount.matches(scope("/acme/5/users", path_params={"a": 1}))
    assert child_scope["path_params"] == {"a": 1, "org": "acme", "n": 5}
    assert child_scope["root_path"] == "/acme/5"


@pytest.mark.parametrize("path", ["/acme/x/users", "/acme/" + "9" * 5000 + "/"])
def test_a_mount_whose_parameters_do_not_convert_is_no_match(path: str) -> None:
    assert Mount("/{org}/{n:int}", app).matches(scope(path)) == (Match.NONE, {})


@pytest.mark.parametrize("root_path", ["/api", "/api/"])
def test_the_root_path_grows_and_the_first_one_is_kept(root_path: str) -> None:
    _, child_scope = Mount("/m", app).matches(scope("/api/m/x", root_path=root_path))
    assert child_scope["root_path"] == "/api/m"
    assert child_scope["app_root_path"] == root_path
    _, deeper = Mount("/n", app).matches(scope("/api/m/n/x", **child_scope))
    assert (deeper["root_path"], deeper["app_root_path"]) == ("/api/m/n", root_path)


def test_a_tail_with_a_newline_is_no_part_of_the_root_path() -> None:
    assert Mount("/m", app).matches(scope("/m/a\n"))[1]["root_path"] == "/m"


# Mount: construction --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"path": "m", "app": app}, "Routed paths must start with '/'"),
        ({"path": "/m"}, "Either 'app=...', or 'routes=' must be specified"),
    ],
)
def test_a_mount_that_makes_no_sense(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(AssertionError) as caught:
        Mount(**arguments)
    assert str(caught.value) == message


def test_a_parameter_of_a_mount_cannot_be_called_path() -> None:
    with pytest.raises(ValueError, match="Duplicated param name path at path /{path}/{path:path}"):
        Mount("/{path}", app)


def test_the_application_wins_over_routes() -> None:
    mount = Mount("/m/", app, routes=[Route("/", show)])
    assert (mount.path, mount.app, mount.routes) == ("/m", app, [])


def test_the_routes_of_a_mount_are_those_of_its_router() -> None:
    routes = [Route("/", show)]
    assert Mount("/m", routes=routes).routes == routes
    assert Mount("/m", Router(routes)).routes == routes


async def test_layers_of_a_mount_are_around_all_below(fetch: Fetch) -> None:
    def layer(app: ASGIApp, name: str) -> ASGIApp:
        async def layered(scope: Scope, receive: Receive, send: Send) -> None:
            await app({**scope, "root_path": scope["root_path"] + name}, receive, send)

        return layered

    mount = Mount("/m", app=show_root, middleware=[(layer, ("/1",), {}), (layer, ("/2",), {})])
    assert (await fetch(mount, "/m/")).text == "/m/1/2"
    assert mount._base_app is show_root


async def show_root(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse(scope["root_path"])(scope, receive, send)


async def test_the_body_limit_of_a_mount(channel: Any) -> None:
    async def read(request: Request) -> Response:
        return Response(await request.body())

    connection = channel({"type": "http.request", "body": b"12345", "more_body": False})
    mount = Mount("/m", routes=[Route("/", read)], max_body_size=4)
    await mount(scope("/m/"), connection.receive, connection.send)
    assert connection.sent[0]["status"] == 413


def test_mounts_are_equal_by_path_and_application() -> None:
    assert Mount("/m", app, name="a") == Mount("/m/", app)
    assert Mount("/m", app) != Mount("/n", app)
    assert Mount("/m", app) != Mount("/m", show_root)
    assert Mount("", app) != Host("", app)


def test_the_text_of_a_mount() -> None:
    assert repr(Mount("/m", app)) == f"Mount(path='/m', name='', app={app!r})"


# Mount: answering -----------------------------------------------------------------------------


async def test_what_is_below_sees_the_rest_of_the_path(fetch: Fetch) -> None:
    inner = Mount("/b", routes=[Route("/{y}", show)])
    outer = Router([Mount("/{x}", routes=[inner])])
    assert (await fetch(outer, "/a/b/c")).text == (
        '{"path":"/a/b/c","root_path":"/a/b","app_root_path":"","path_params":{"x":"a","y":"c"}}'
    )


async def test_a_mount_that_matched_owns_the_request(fetch: Fetch) -> None:
    router = Router([Mount("/m", routes=[]), Route("/m/x", show)])
    seen: dict[str, Any] = {}

    async def recording(scope: Scope, receive: Receive, send: Send) -> None:
        await router(scope, receive, send)
        seen.update(scope)

    assert (await fetch(recording, "/m/x")).status == 404
    assert seen["route"] is router.routes[0]


@pytest.mark.parametrize("path", ["/api/m/x", "/m/x"])
async def test_a_prefix_that_a_proxy_took_off_is_known_below_mounts(
    fetch: Fetch, path: str
) -> None:
    router = Router([Mount("/m", routes=[Mount("/n", routes=[Route("/x", show)])])])
    answer = await fetch(router, path.replace("/x", "/n/x"), root_path="/api")
    assert answer.status == 200
    assert '"root_path":"/api/m/n","app_root_path":"/api"' in answer.text


# Mount: URLs ----------------------------------------------------------------------------------

MOUNT = Mount(
    "/{org}",
    name="org",
    routes=[
        Route("/users/{id:int}", show, name="user"),
        Route("/files/{path:path}", show, name="file"),
        WebSocketRoute("/live", session, name="live"),
        Mount("/deep", name="", routes=[Route("/", show, name="end")]),
        Mount("/plain", routes=[Route("/{x}", show, name="plain")]),
    ],
)


@pytest.mark.parametrize(
    ("name", "params", "path", "protocol"),
    [
        ("org", {"org": "a", "path": "x/y"}, "/a/x/y", ""),
        ("org", {"org": "a", "path": "//x"}, "/a/x", ""),
        ("org", {"org": "a", "path": ""}, "/a/", ""),
        ("org:user", {"org": "a", "id": 5}, "/a/users/5", "http"),
        ("org:file", {"org": "a", "path": "x/y"}, "/a/files/x/y", "http"),
        ("org:live", {"org": "a"}, "/a/live", "websocket"),
        ("org::end", {"org": "a"}, "/a/deep/", "http"),
        ("org:plain", {"org": "a?", "x": "b#"}, "/a%3F/plain/b%23", "http"),
    ],
)
def test_the_path_of_a_route_below_a_mount(
    name: str, params: dict[str, Any], path: str, protocol: str
) -> None:
    built = MOUNT.url_path_for(name, **params)
    assert (built, built.protocol, built.host) == (path, protocol, "")


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("org", {"path": "x"}),
        ("org", {"org": "a"}),
        ("org", {"org": "a", "path": "x", "more": 1}),
        ("org:user", {"id": 5}),
        ("org:user", {"org": "a"}),
        ("org:nobody", {"org": "a"}),
        ("user", {"org": "a", "id": 5}),
        ("other:user", {"org": "a", "id": 5}),
    ],
)
def test_no_path_for_another_name_or_other_parameters(name: str, params: dict[str, Any]) -> None:
    with pytest.raises(NoMatchFound) as caught:
        MOUNT.url_path_for(name, **params)
    names = ", ".join(params)
    assert str(caught.value) == f'No route exists for name "{name}" and params "{names}".'


def test_an_empty_name_is_a_name() -> None:
    mount = Mount("/m", name="", routes=[Route("/", show, name="x")])
    assert mount.url_path_for(":x") == "/m/"
    assert mount.url_path_for("", path="/y") == "/m/y"
    with pytest.raises(NoMatchFound):
        mount.url_path_for("x")


def test_a_host_below_a_mount_keeps_its_host() -> None:
    mount = Mount("/m", routes=[Host("a.org", Router([Route("/x", show)]))])
    path = mount.url_path_for("show")
    assert (path, path.host) == ("/m/x", "a.org")


# Host -----------------------------------------------------------------------------------------


def on(host: bytes | None, scope_type: str = "http", **more: Any) -> Scope:
    headers = [] if host is None else [(b"accept", b"*/*"), (b"host", host), (b"host", b"second")]
    return {**scope("/", scope_type, **more), "headers": headers}


@pytest.mark.parametrize(
    ("template", "host", "params"),
    [
        ("example.org", b"example.org", {}),
        ("example.org", b"EXAMPLE.org:8000", {}),
        ("Example.org", b"example.org", {}),
        ("example.org:3600", b"example.org:80", {}),
        ("example.org", b"example.org.", {}),
        ("{sub}.example.org", b"A.b.Example.org", {"sub": "a.b"}),
        ("[::1]", b"[::1]:80", {}),
    ],
)
@pytest.mark.parametrize("scope_type", ["http", "websocket"])
def test_a_host_is_matched_without_case_port_and_final_dot(
    template: str, host: bytes, params: dict[str, str], scope_type: str
) -> None:
    match, child_scope = Host(template, app).matches(on(host, scope_type, path_params={"a": 1}))
    assert match is Match.FULL
    assert child_scope == {"endpoint": app, "path_params": {"a": 1, **params}}


@pytest.mark.parametrize(
    "host", [None, b"", b"other.org", b"example.org..", b"user@example.org", b"example.org\n"]
)
def test_another_a_malformed_and_no_host_are_no_match(host: bytes | None) -> None:
    assert Host("example.org", app).matches(on(host)) == (Match.NONE, {})


def test_a_host_takes_no_lifespan() -> None:
    assert Host("example.org", app).matches({"type": "lifespan"}) == (Match.NONE, {})


def test_a_value_of_a_host_that_does_not_convert_is_no_match() -> None:
    host = Host("{n:int}.org", app)
    assert host.matches(on(b"5.org"))[1]["path_params"] == {"n": 5}
    assert host.matches(on(b"9" * 5000 + b".org")) == (Match.NONE, {})


async def test_a_host_leaves_the_root_path_alone(fetch: Fetch) -> None:
    router = Router([Host("example.org", Router([Route("/x", show)]))])
    assert (await fetch(router, "/x")).text == '{"path":"/x","path_params":{}}'


async def test_a_host_by_itself_is_an_application(fetch: Fetch) -> None:
    assert (await fetch(Host("example.org", app), "/")).text == "app"


def test_a_host_must_not_begin_with_a_slash() -> None:
    with pytest.raises(AssertionError) as caught:
        Host("/example.org", app)
    assert str(caught.value) == "Host must not start with '/'"


HOST = Host("{sub}.org:3600", Router([Route("/{id}", show), Mount("/m", app, name="m")]), "h")


@pytest.mark.parametrize(
    ("name", "params", "path", "protocol"),
    [
        ("h", {"sub": "a", "path": "x//y"}, "x//y", ""),
        ("h:show", {"sub": "a", "id": "5"}, "/5", "http"),
        ("h:m", {"sub": "a", "path": "x"}, "/m/x", ""),
    ],
)
def test_the_url_of_a_route_on_a_host(
    name: str, params: dict[str, Any], path: str, protocol: str
) -> None:
    built = HOST.url_path_for(name, **params)
    assert (built, built.protocol, built.host) == (path, protocol, "a.org:3600")


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("h", {"path": "x"}),
        ("h", {"sub": "a", "path": "x", "more": 1}),
        ("h:show", {"id": "5"}),
        ("show", {"sub": "a", "id": "5"}),
    ],
)
def test_no_url_on_a_host_for_another_name_or_other_parameters(
    name: str, params: dict[str, Any]
) -> None:
    with pytest.raises(NoMatchFound):
        HOST.url_path_for(name, **params)


def test_a_host_without_a_name_passes_any_name_on() -> None:
    assert Host("a.org", Router([Route("/x", show)])).url_path_for("show").host == "a.org"


def test_hosts_are_equal_by_host_and_application() -> None:
    assert Host("a", app, name="x") == Host("a", app)
    assert Host("a", app) != Host("b", app)
    assert Host("a", app) != Mount("", app)


def test_the_text_and_the_routes_of_a_host() -> None:
    assert repr(Host("a.b", app)) == f"Host(host='a.b', name='', app={app!r})"
    assert Host("a", app).routes == []
    assert HOST.routes == [Route("/{id}", show), Mount("/m", app)]
