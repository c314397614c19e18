"""Users, credentials, and endpoints that say what they need."""

import inspect
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from starlette_http.exceptions import HTTPException
from starlette_http.requests import HTTPConnection, Request
from starlette_http.urls import URLPath
from starlette_middleware.auth import (
    AuthCredentials,
    AuthenticationBackend,
    AuthenticationError,
    BaseUser,
    SimpleUser,
    UnauthenticatedUser,
    has_required_scope,
    requires,
)
from starlette_websockets.websockets import WebSocket


class _Router:
    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        return URLPath(f"/{name}")


def request_with(*scopes: str) -> Request:
    return Request(
        {
            "type": "http",
            "path": "/a b",
            "query_string": b"c=d&e=f",
            "headers": [(b"host", b"example.org")],
            "auth": AuthCredentials(scopes),
            "router": _Router(),
        }
    )


def websocket_with(channel: Any, *scopes: str) -> WebSocket:
    connection = channel({"type": "websocket.connect"})
    scope = {"type": "websocket", "auth": AuthCredentials(scopes)}
    return WebSocket(scope, connection.receive, connection.send)


class TestUsers:
    def test_simple_user(self) -> None:
        user = SimpleUser("ada")

        assert user.is_authenticated is True
        assert (user.display_name, user.identity, user.username) == ("ada", "ada", "ada")

    def test_unauthenticated_user(self) -> None:
        user = UnauthenticatedUser()

        assert user.is_authenticated is False
        assert (user.display_name, user.identity) == ("", "")

    @pytest.mark.parametrize("name", ["is_authenticated", "display_name", "identity"])
    def test_base_user_is_an_interface(self, name: str) -> None:
        with pytest.raises(NotImplementedError):
            getattr(BaseUser(), name)

    async def test_backend_is_an_interface(self) -> None:
        with pytest.raises(NotImplementedError):
            await AuthenticationBackend().authenticate(HTTPConnection({"type": "http"}))

    def test_error_is_an_exception(self) -> None:
        assert str(AuthenticationError("wrong")) == "wrong"


class TestScopes:
    def test_credentials_copy_their_scopes(self) -> None:
        scopes = ("a", "b")

        assert AuthCredentials(scopes).scopes == ["a", "b"]
        assert AuthCredentials().scopes == []

    @pytest.mark.parametrize(
        ("held", "wanted", "answer"),
        [
            ([], [], True),
            (["a"], ["a"], True),
            (["a"], ["a", "b"], False),
            (["b", "a"], "ab", True),
        ],
    )
    def test_all_are_required(self, held: list[str], wanted: list[str], answer: bool) -> None:
        connection = SimpleNamespace(auth=SimpleNamespace(scopes=held))

        assert has_required_scope(connection, wanted) is answer


class TestRequires:
    async def test_async_endpoint(self) -> None:
        @requires("a")
        async def endpoint(request: Request) -> str:
            return "in"

        assert await endpoint(request_with("a")) == "in"
        assert await endpoint(request=request_with("a", "b")) == "in"
        with pytest.raises(HTTPException) as caught:
            await endpoint(request_with("b"))
        assert caught.value.status_code == 403

    def test_sync_endpoint(self) -> None:
        @requires(["a", "b"], status_code=404)
        def endpoint(request: Request) -> str:
            return "in"

        assert endpoint(request_with("a", "b")) == "in"
        with pytest.raises(HTTPException) as caught:
            endpoint(request_with("a"))
        assert caught.value.status_code == 404

    def test_method_with_other_parameters(self) -> None:
        class Endpoint:
            @requires("a")
            def get(self, number: int, request: Request, *, key: str) -> tuple[int, str]:
                return number, key

        assert Endpoint().get(1, request_with("a"), key="k") == (1, "k")

    async def test_redirect_carries_the_url_that_was_wanted(self) -> None:
        @requires("a", redirect="login")
        async def endpoint(request: Request) -> Any:
            raise AssertionError("called")

        response = await endpoint(request_with())

        assert response.status_code == 303
        assert response.headers["location"] == (
            "http://example.org/login?next=http%3A%2F%2Fexample.org%2Fa+b%3Fc%3Dd%26e%3Df"
        )

    def test_redirect_of_a_sync_endpoint(self) -> None:
        @requires("a", redirect="login")
        def endpoint(request: Request) -> Any:
            raise AssertionError("called")

        assert endpoint(request_with()).status_code == 303

    async def test_websocket_endpoint(self, channel: Any) -> None:
        @requires("a")
        async def endpoint(websocket: WebSocket) -> str:
            return "in"

        assert await endpoint(websocket_with(channel, "a")) == "in"

    async def test_websocket_is_closed(self, channel: Any) -> None:
        connection = channel({"type": "websocket.connect"})
        scope = {"type": "websocket", "auth": AuthCredentials()}

        @requires("a")
        async def endpoint(websocket: WebSocket) -> None:
            raise AssertionError("called")

        await endpoint(WebSocket(scope, connection.receive, connection.send))

        assert connection.sent == [{"type": "websocket.close", "code": 1008, "reason": ""}]

    async def test_websocket_gets_the_status_where_the_server_can_send_it(
        self, channel: Any
    ) -> None:
        connection = channel({"type": "websocket.connect"})
        extensions: dict[str, Any] = {"websocket.http.response": {}}
        scope = {"type": "websocket", "auth": AuthCredentials(), "extensions": extensions}

        @requires("a", status_code=401)
        async def endpoint(websocket: WebSocket) -> None:
            raise AssertionError("called")

        await endpoint(WebSocket(scope, connection.receive, connection.send))

        assert connection.sent[0]["type"] == "websocket.http.response.start"
        assert connection.sent[0]["status"] == 401
        assert connection.body == b"Unauthorized"

    def test_first_connection_parameter_counts(self) -> None:
        @requires("a")
        def endpoint(request: Request, websocket: None = None) -> str:
            return "in"

        assert endpoint(request_with("a")) == "in"

    def test_function_without_a_connection_is_refused_at_once(self) -> None:
        def endpoint(conn: Any) -> None: ...

        with pytest.raises(
            Exception, match=r'^No "request" or "websocket" argument on function "<function .*>"$'
        ):
            requires("a")(endpoint)

    @pytest.mark.parametrize(
        ("argument", "kind"), [({"request": 1}, "int"), ({}, "NoneType")], ids=["wrong", "absent"]
    )
    def test_wrong_type_is_named(self, argument: dict[str, Any], kind: str) -> None:
        @requires("a")
        def endpoint(request: Any = None) -> None: ...

        with pytest.raises(AssertionError) as caught:
            endpoint(**argument)
        assert str(caught.value) == (
            f"Parameter with name 'request' is required to be of type 'Request' not '{kind}'"
        )

    @pytest.mark.parametrize("is_async", [True, False])
    def test_function_keeps_its_name_and_kind(self, is_async: bool) -> None:
        async def async_endpoint(request: Request) -> None:
            """What it does."""

        def sync_endpoint(request: Request) -> None:
            """What it does."""

        endpoint: Callable[..., Any] = async_endpoint if is_async else sync_endpoint
        guarded = requires("a")(endpoint)

        assert guarded.__name__ == endpoint.__name__
        assert guarded.__doc__ == "What it does."
        assert guarded.__wrapped__ is endpoint  # type: ignore[attr-defined]
        assert inspect.iscoroutinefunction(guarded) is is_async
