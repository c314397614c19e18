"""The classic document, "Routing": paths, prefixes and protocols over ASGI-2 applications."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from websockets.sync.client import connect

from starlette import TestClient
from starlette.routing import Path, PathPrefix, Router

Example = Callable[..., dict[str, Any]]
Serve = Callable[..., str]


def expression(run: Example, place: int, user: Any) -> Any:
    """The route of an example that is an expression and gives it no name."""
    routes: list[Any] = []

    def noting(*args: Any, **kwargs: Any) -> None:
        routes.append(Path(*args, **kwargs))

    run("Routing", place, Path=noting, User=user)
    return routes[0]


# The first example


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/", ["Homepage", {}]),
        ("/mount/", ["SubMountedApp", {}]),
        ("/mount/deep/er", ["SubMountedApp", {}]),
    ],
)
def test_the_router_dispatches_to_other_applications(
    path: str, answer: list[Any], classic: Example, myproject: Any, serve: Serve
) -> None:
    assert httpx.get(serve(classic("Routing", 0)["app"]) + path).json() == answer


def test_what_matches_nothing_is_404(classic: Example, myproject: Any, serve: Serve) -> None:
    response = httpx.get(serve(classic("Routing", 0)["app"]) + "/elsewhere")
    assert (response.status_code, response.text.lower()) == (404, "not found")
    assert response.headers["content-type"] == "text/plain; charset=utf-8"


def test_a_method_that_is_not_listed_is_406(classic: Example, myproject: Any, serve: Serve) -> None:
    response = httpx.post(serve(classic("Routing", 0)["app"]) + "/")
    assert (response.status_code, response.text) == (406, "Method not allowed")
    assert response.headers["content-type"] == "text/plain; charset=utf-8"


# Templates and regular expressions


@pytest.mark.parametrize("place", [1, 2], ids=["template", "regular expression"])
def test_path_components_are_in_the_scope_as_kwargs(
    place: int, classic: Example, myproject: Any, serve: Serve
) -> None:
    url = serve(Router([expression(classic, place, myproject.User)]))
    assert httpx.get(url + "/users/ada").json() == ["User", {"username": "ada"}]
    assert httpx.get(url + "/users/ada/x").status_code == 404
    assert httpx.post(url + "/users/ada").status_code == 406


def test_a_regular_expression_refuses_what_it_does_not_match(
    classic: Example, myproject: Any
) -> None:
    client = TestClient(Router([expression(classic, 2, myproject.User)]))
    assert client.get("/users/" + 20 * "a").status_code == 200
    assert client.get("/users/" + 21 * "a").status_code == 404
    assert client.get("/users/a-b").status_code == 404


# Composition


@pytest.mark.parametrize(
    ("method", "path", "answer"),
    [
        ("GET", "/", ["Homepage", {}]),
        ("GET", "/users/", ["Users", {}]),
        ("POST", "/users/", ["Users", {}]),
        ("GET", "/users/ada", ["User", {"username": "ada"}]),
    ],
)
def test_routers_compose(
    method: str, path: str, answer: list[Any], classic: Example, myproject: Any, serve: Serve
) -> None:
    app = composed(classic, myproject)
    assert httpx.request(method, serve(app) + path).json() == answer


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/", 406),
        ("DELETE", "/users/", 406),
        ("POST", "/users/ada", 406),
        ("GET", "/users/ada/x", 404),
        ("GET", "/usersx", 404),
    ],
)
def test_a_composed_router_refuses_what_does_not_match(
    method: str, path: str, status: int, classic: Example, myproject: Any
) -> None:
    client = TestClient(composed(classic, myproject))
    assert client.request(method, path).status_code == status


def composed(classic: Example, myproject: Any) -> Any:
    names = {name: getattr(myproject, name) for name in ("Homepage", "User", "Users")}
    example = classic("Routing", 3, Router=Router, Path=Path, PathPrefix=PathPrefix, **names)
    return example["app"]


# Protocols


def test_a_protocol_router_answers_http(classic: Example, serve: Serve) -> None:
    response = httpx.get(serve(classic("Protocol Routing")["app"]) + "/")
    assert (response.status_code, response.text) == (200, "Hello, world")
    assert response.headers["content-type"] == "text/plain; charset=utf-8"


def test_a_protocol_router_answers_websockets(classic: Example, serve: Serve) -> None:
    url = serve(classic("Protocol Routing")["app"])
    with connect(url.replace("http", "ws") + "/") as client:
        assert client.recv(timeout=5) == '{"hello":"world"}'
