"""`HTTPConnection`: what a scope says."""

from collections import ChainMap
from typing import Any, TypedDict

import pytest

from starlette_http.connection import HTTPConnection
from starlette_http.headers import Headers
from starlette_http.state import State
from starlette_http.urls import URL, Address, URLPath


def scope(**changes: Any) -> dict[str, Any]:
    return {
        "type": "http",
        "method": "GET",
        "scheme": "https",
        "path": "/mount/page",
        "root_path": "/mount",
        "query_string": b"a=1&a=2",
        "headers": [(b"host", b"example.org"), (b"x-a", b"1")],
        "client": ("10.0.0.1", 1234),
    } | changes


class Routes:
    """Whatever can say where a route is."""

    def url_path_for(self, name: str, /, **params: Any) -> URLPath:
        return URLPath(f"/{name}/{params['name']}")


def test_connection_is_a_mapping_over_its_scope() -> None:
    connection = HTTPConnection(scope())
    assert dict(connection) == scope()
    assert connection["path"] == "/mount/page"
    assert "path" in connection
    assert len(connection) == len(scope())


def test_connections_are_equal_by_identity() -> None:
    one, other = HTTPConnection(scope()), HTTPConnection(scope())
    assert one == one
    assert one != other
    assert len({one, other}) == 2


@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_http_and_websocket_scopes_are_accepted(kind: str) -> None:
    assert HTTPConnection(scope(type=kind), None)["type"] == kind


def test_other_scopes_are_refused() -> None:
    with pytest.raises(AssertionError, match="Not an http or websocket scope: 'lifespan'"):
        HTTPConnection({"type": "lifespan"})


def test_app_is_the_application_in_the_scope() -> None:
    assert HTTPConnection(scope(app="the app")).app == "the app"


def test_app_outside_of_an_application_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        _ = HTTPConnection(scope()).app


def test_url_is_what_was_asked_for() -> None:
    assert HTTPConnection(scope()).url == "https://example.org/mount/page?a=1&a=2"


@pytest.mark.parametrize(
    ("changes", "base_url"),
    [
        ({}, "https://example.org/mount/"),
        ({"root_path": "/mount/"}, "https://example.org/mount/"),
        ({"root_path": ""}, "https://example.org/"),
        ({"app_root_path": "/outer"}, "https://example.org/outer/"),
        ({"app_root_path": ""}, "https://example.org/"),
    ],
)
def test_base_url_is_where_the_application_is_mounted(
    changes: dict[str, Any], base_url: str
) -> None:
    assert HTTPConnection(scope(**changes)).base_url == base_url


def test_base_url_without_a_root_path_is_the_root() -> None:
    bare = scope()
    del bare["root_path"]
    assert HTTPConnection(bare).base_url == "https://example.org/"


def test_headers_are_those_of_the_scope() -> None:
    assert HTTPConnection(scope()).headers == Headers({"host": "example.org", "x-a": "1"})


def test_query_params_are_parsed() -> None:
    assert HTTPConnection(scope()).query_params.multi_items() == [("a", "1"), ("a", "2")]


def test_query_params_without_a_query_string_are_a_key_error() -> None:
    with pytest.raises(KeyError, match="query_string"):
        _ = HTTPConnection({"type": "http"}).query_params


def test_cookies_of_all_headers_are_merged_and_later_ones_win() -> None:
    headers = [(b"cookie", b"a=1; b=2"), (b"x", b"y"), (b"cookie", b"b=3")]
    assert HTTPConnection(scope(headers=headers)).cookies == {"a": "1", "b": "3"}


def test_no_cookie_header_is_no_cookies() -> None:
    assert HTTPConnection(scope()).cookies == {}


@pytest.mark.parametrize("name", ["url", "base_url", "headers", "query_params", "cookies", "state"])
def test_what_is_parsed_is_parsed_once(name: str) -> None:
    connection = HTTPConnection(scope())
    assert getattr(connection, name) is getattr(connection, name)


@pytest.mark.parametrize("name", ["_url", "_headers", "_cookies", "_state"])
def test_cache_appears_with_its_value(name: str) -> None:
    connection = HTTPConnection(scope())
    assert not hasattr(connection, name)
    value = getattr(connection, name[1:])
    assert getattr(connection, name) is value


def test_path_params_are_those_of_the_router() -> None:
    assert HTTPConnection(scope(path_params={"id": 1})).path_params == {"id": 1}
    assert HTTPConnection(scope()).path_params == {}


@pytest.mark.parametrize(
    ("changes", "client"),
    [({}, Address("10.0.0.1", 1234)), ({"client": None}, None), ({"client": ["a", 1]}, ("a", 1))],
)
def test_client_is_an_address_or_none(changes: dict[str, Any], client: Any) -> None:
    assert HTTPConnection(scope(**changes)).client == client


def test_client_may_be_absent_from_the_scope() -> None:
    bare = scope()
    del bare["client"]
    assert HTTPConnection(bare).client is None


@pytest.mark.parametrize("name", ["session", "auth", "user"])
def test_what_a_middleware_put_there_is_given(name: str) -> None:
    value: dict[str, Any] = {}
    assert getattr(HTTPConnection(scope(**{name: value})), name) is value


@pytest.mark.parametrize(
    ("name", "middleware"),
    [
        ("session", "SessionMiddleware"),
        ("auth", "AuthenticationMiddleware"),
        ("user", "AuthenticationMiddleware"),
    ],
)
def test_missing_middleware_is_named(name: str, middleware: str) -> None:
    with pytest.raises(
        AssertionError, match=f"^{middleware} must be installed to access request.{name}$"
    ):
        getattr(HTTPConnection(scope()), name)


def test_session_is_told_of_each_access() -> None:
    class Session(dict[str, Any]):
        accesses = 0

        def mark_accessed(self) -> None:
            self.accesses += 1

    session = Session()
    connection = HTTPConnection(scope(session=session))
    assert connection.session is connection.session
    assert session.accesses == 2


def test_state_is_shared_by_connections_over_one_scope() -> None:
    shared = scope()
    HTTPConnection(shared).state.name = "value"
    assert HTTPConnection(shared).state.name == "value"
    assert shared["state"] == {"name": "value"}


def test_empty_state_is_kept_although_it_is_falsy() -> None:
    connection = HTTPConnection(scope())
    assert connection.state is connection.state


def test_a_state_in_the_scope_is_used_as_it_is() -> None:
    class AppState(State):
        pass

    state = AppState({"pool": "p"})
    shared = scope(state=state)
    assert HTTPConnection(shared).state is state
    assert shared["state"] is state


def test_a_mapping_in_the_scope_is_shared_whatever_its_kind() -> None:
    shared = scope(state=ChainMap({}, {"pool": "p"}))
    HTTPConnection(shared).state.name = "value"
    state = HTTPConnection(shared).state
    assert (state.pool, state.name) == ("p", "value")
    assert shared["state"].maps == [{"name": "value"}, {"pool": "p"}]


def test_state_in_the_scope_that_is_no_mapping_is_a_type_error() -> None:
    with pytest.raises(TypeError, match=r"^State keeps its values in a mapping, not \['p'\]\.$"):
        _ = HTTPConnection(scope(state=["p"])).state


def test_connection_can_be_subscripted_with_the_type_of_its_state() -> None:
    class AppState(TypedDict):
        pool: str

    connection = HTTPConnection[AppState](scope(state={"pool": "p"}))
    assert connection.state["pool"] == "p"
    assert isinstance(connection.state, State)


@pytest.mark.parametrize("provider", ["router", "app"])
def test_url_for_asks_the_router_or_the_application(provider: str) -> None:
    connection = HTTPConnection(scope(**{provider: Routes()}))
    url = connection.url_for("user", name="x")
    assert isinstance(url, URL)
    assert url == "https://example.org/mount/user/x"


def test_url_for_prefers_the_router() -> None:
    connection = HTTPConnection(scope(router=Routes(), app=object()))
    assert connection.url_for("user", name="x").path == "/mount/user/x"


def test_url_for_outside_of_an_application_is_a_runtime_error() -> None:
    with pytest.raises(
        RuntimeError,
        match="^The `url_for` method can only be used inside a Starlette application"
        r" or with a router\.$",
    ):
        HTTPConnection(scope()).url_for("user")
