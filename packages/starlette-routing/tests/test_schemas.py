"""OpenAPI schemas from docstrings."""

import functools
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from starlette_http.requests import Request
from starlette_http.responses import PlainTextResponse, Response
from starlette_routing.endpoints import HTTPEndpoint
from starlette_routing.routing import BaseRoute, Host, Mount, Route, Router, WebSocketRoute
from starlette_routing.schemas import (
    BaseSchemaGenerator,
    EndpointInfo,
    OpenAPIResponse,
    SchemaGenerator,
)
from starlette_websockets.websockets import WebSocket

yaml = pytest.importorskip("yaml")  # of the extra "schemas"

Fetch = Callable[..., Awaitable[Any]]

BASE = {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}}


async def users(request: Request) -> Response:
    """
    summary: List users
    """
    return PlainTextResponse("")


async def user(request: Request) -> Response:
    """
    Text for people --- with dashes.

    ---
    summary: One user
    """
    return PlainTextResponse("")


async def undocumented(request: Request) -> Response:
    return PlainTextResponse("")


async def prose(request: Request) -> Response:
    """Only text for people."""
    return PlainTextResponse("")


async def broken(request: Request) -> Response:
    """
    a: [
    """
    return PlainTextResponse("")


class Organisation(HTTPEndpoint):
    async def get(self, request: Request) -> Response:
        """
        summary: Get
        """
        return PlainTextResponse("")

    async def query(self, request: Request) -> Response:
        """
        summary: Query
        """
        return PlainTextResponse("")

    delete = None


async def session(websocket: WebSocket) -> None:
    """
    summary: Never shown
    """


class AnyGenerator(BaseSchemaGenerator):
    pass


# Endpoints ------------------------------------------------------------------------------------


def test_endpoints_are_listed_with_their_methods_and_whole_paths() -> None:
    routes: list[BaseRoute] = [
        Route("/users/{id:int}", user, methods=["PUT", "GET"]),
        Route("/hidden", users, include_in_schema=False),
        WebSocketRoute("/live", session),
        Mount("/{org:int}", routes=[Route("/users", users), Host("a.org", Router([]))]),
        Host("{sub}.org", Router([Route("/organisation", Organisation)])),
        Route("/partial", functools.partial(users)),
    ]
    assert BaseSchemaGenerator().get_endpoints(routes) == [
        EndpointInfo("/users/{id}", "get", user),
        EndpointInfo("/users/{id}", "put", user),
        EndpointInfo("/{org}/users", "get", users),
        EndpointInfo("/organisation", "get", Organisation.get),
        EndpointInfo("/organisation", "query", Organisation.query),
        EndpointInfo("/partial", "get", users),
    ]


def test_the_schema_itself_is_left_to_subclasses() -> None:
    with pytest.raises(NotImplementedError):
        BaseSchemaGenerator().get_schema([])


# Docstrings -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("function", "parsed"),
    [
        (users, {"summary": "List users"}),
        (user, {"summary": "One user"}),
        (undocumented, {}),
        (prose, {}),
    ],
)
def test_the_mapping_of_a_docstring(function: Any, parsed: dict[str, Any]) -> None:
    assert BaseSchemaGenerator().parse_docstring(function) == parsed


def test_a_broken_docstring_is_named() -> None:
    with pytest.raises(yaml.YAMLError) as caught:
        SchemaGenerator(BASE).get_schema([Route("/", broken)])
    assert caught.value.__notes__ == ["In the docstring of broken"]


# Schemas --------------------------------------------------------------------------------------


def test_the_schema_is_the_base_and_the_paths() -> None:
    routes: list[BaseRoute] = [
        Route("/users", users, methods=["POST", "GET"]),
        Route("/users/{id}", user),
        Route("/undocumented", undocumented),
    ]
    assert SchemaGenerator(BASE).get_schema(routes) == {
        **BASE,
        "paths": {
            "/users": {"get": {"summary": "List users"}, "post": {"summary": "List users"}},
            "/users/{id}": {"get": {"summary": "One user"}},
        },
    }


def test_the_base_is_added_to_and_not_changed() -> None:
    base: dict[str, Any] = {**BASE, "paths": {"/users": {"parameters": []}}}
    schema = SchemaGenerator(base).get_schema([Route("/users", users)])
    assert schema["paths"]["/users"] == {"parameters": [], "get": {"summary": "List users"}}
    assert base["paths"] == {"/users": {"parameters": []}}


@pytest.mark.parametrize(
    ("version", "methods"),
    [
        ("3.2.0", ["get", "query"]),
        ("3.10.0", ["get", "query"]),
        ("3.1.9", ["get"]),
        ("2.0", ["get"]),
        ("", ["get"]),
    ],
)
def test_query_is_known_from_openapi_3_2(version: str, methods: list[str]) -> None:
    generator = SchemaGenerator({"openapi": version})
    schema = generator.get_schema([Route("/", Organisation)])
    assert list(schema["paths"]["/"]) == methods


# Mounted applications -------------------------------------------------------------------------


class Documented(Router):
    """An application that makes its own schema."""

    schema: dict[str, Any] = {
        "openapi": "3.1.0",
        "paths": {"/items": {"get": {"summary": "Own"}}},
        "components": {"schemas": {"Item": {"type": "object"}}},
        "tags": [{"name": "items"}],
    }


def own_schema(app: Any) -> dict[str, Any] | None:
    return getattr(app, "schema", None)


def test_a_mounted_application_may_bring_its_own_schema() -> None:
    base: dict[str, Any] = {**BASE, "tags": [{"name": "all"}], "components": {"schemas": {"A": 1}}}
    routes: list[BaseRoute] = [
        Route("/users", users),
        Mount("/shop", Documented([Route("/unseen", users)])),
        Mount("/deep", routes=[Host("a.org", Documented())]),
        Mount("/plain", routes=[Route("/users", users)]),
    ]
    schema = SchemaGenerator(base, mounted=own_schema).get_schema(routes)
    assert schema == {
        **BASE,
        "paths": {
            "/users": {"get": {"summary": "List users"}},
            "/plain/users": {"get": {"summary": "List users"}},
            "/shop/items": {"get": {"summary": "Own"}},
            "/deep/items": {"get": {"summary": "Own"}},
        },
        "components": {"schemas": {"A": 1, "Item": {"type": "object"}}},
        "tags": [{"name": "all"}, {"name": "items"}],
    }
    assert base["components"] == {"schemas": {"A": 1}}


def test_schemas_that_differ_are_named() -> None:
    base = {**BASE, "components": {"schemas": {"Item": {"type": "string"}}}}
    generator = SchemaGenerator(base, mounted=own_schema)
    with pytest.raises(
        ValueError, match="The schemas of two applications differ at /components/schemas/Item/type"
    ):
        generator.get_schema([Mount("/shop", Documented())])


# The response ---------------------------------------------------------------------------------


async def test_an_application_answers_with_its_schema(fetch: Fetch) -> None:
    class Application:
        routes = [Route("/users", users)]

    schemas = SchemaGenerator(BASE)
    route = Route("/schema", schemas.OpenAPIResponse, include_in_schema=False)
    answer = await fetch(route, "/schema", app=Application())
    assert answer.headers["content-type"] == "application/vnd.oai.openapi"
    assert answer.text == (
        "info:\n  title: T\n  version: '1'\nopenapi: 3.1.0\n"
        "paths:\n  /users:\n    get:\n      summary: List users\n"
    )


def test_a_schema_is_written_in_ascii() -> None:
    assert OpenAPIResponse({"b": "\u00e9", "a": 1}).body == b'a: 1\nb: "\\xE9"\n'


def test_a_schema_is_a_dictionary() -> None:
    with pytest.raises(AssertionError) as caught:
        OpenAPIResponse(["a"])
    assert str(caught.value) == "The schema passed to OpenAPIResponse should be a dictionary."


@pytest.mark.parametrize(
    ("use", "name"),
    [
        (lambda: OpenAPIResponse({}), "OpenAPIResponse"),
        (lambda: AnyGenerator().parse_docstring(users), "parse_docstring"),
    ],
)
def test_without_pyyaml_its_use_is_an_error(
    monkeypatch: pytest.MonkeyPatch, use: Callable[[], object], name: str
) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(AssertionError) as caught:
        use()
    assert str(caught.value) == (
        f"`pyyaml` must be installed to use {name}. "
        "Install it with: pip install 'starlette-routing[schemas]'"
    )
