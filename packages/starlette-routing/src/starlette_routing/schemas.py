"""OpenAPI schemas, put together from the docstrings of endpoints.

    schemas = SchemaGenerator({"openapi": "3.1.0", "info": {"title": "Users", "version": "1.0"}})

    async def list_users(request: Request) -> Response:
        \"\"\"
        responses:
          200:
            description: A list of users.
        \"\"\"

    routes = [
        Route("/users", list_users),
        Route("/schema", schemas.OpenAPIResponse, include_in_schema=False),
    ]

A docstring may begin with any text, ended by a line `---`. Needs pyyaml, when it is used:
`pip install 'starlette-routing[schemas]'`.
"""

import functools
import inspect
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import ModuleType
from typing import Any, NamedTuple

from starlette_http.requests import Request
from starlette_http.responses import Response

from .base import BaseRoute
from .paths import PARAM_REGEX
from .routing import Host, Mount, Route

__all__ = ["BaseSchemaGenerator", "EndpointInfo", "OpenAPIResponse", "SchemaGenerator"]

_VERBS = ("get", "post", "put", "patch", "delete", "options", "query")


class OpenAPIResponse(Response):
    """A response whose content, a dictionary, is sent as YAML."""

    media_type: str | None = "application/vnd.oai.openapi"

    def render(self, content: Any) -> bytes:
        """Write the dictionary as block-style YAML, keys sorted, in ASCII."""
        yaml = _yaml("OpenAPIResponse")
        if not isinstance(content, dict):
            raise AssertionError("The schema passed to OpenAPIResponse should be a dictionary.")
        text: str = yaml.dump(content, default_flow_style=False)
        return text.encode("ascii")


class EndpointInfo(NamedTuple):
    """A function or method that answers one method of one path; the method in lower case."""

    path: str
    http_method: str
    func: Callable[..., Any]


class BaseSchemaGenerator:
    """What generators of any schema format share; a subclass defines `get_schema`."""

    def get_schema(self, routes: list[BaseRoute]) -> dict[str, Any]:
        """Give the schema of the routes."""
        raise NotImplementedError

    def get_endpoints(self, routes: list[BaseRoute]) -> list[EndpointInfo]:
        """List what answers the routes, also those below mounts and hosts.

        Left out are routes with `include_in_schema=False`, HEAD, and everything but `Route`s.
        """
        return [
            EndpointInfo(prefix + _plain(route.path), method, func)
            for prefix, route in _leaves(routes, "", self._has_own_schema)
            if isinstance(route, Route) and route.include_in_schema
            for method, func in _functions(route)
        ]

    def _has_own_schema(self, route: Mount | Host) -> bool:
        return False

    def parse_docstring(self, func_or_method: Callable[..., Any]) -> dict[str, Any]:
        """Give the mapping that a docstring holds after its last `---`, {} if it holds none.

        Errors of the YAML parser pass, with a note that names the function.
        """
        yaml = _yaml("parse_docstring")
        text = (func_or_method.__doc__ or "").split("---")[-1]
        try:
            parsed = yaml.safe_load(text)
        except yaml.YAMLError as exc:
            name = getattr(func_or_method, "__qualname__", func_or_method)
            exc.add_note(f"In the docstring of {name}")
            raise
        return parsed if isinstance(parsed, dict) else {}

    def OpenAPIResponse(self, request: Request) -> Response:
        """Answer with the schema of the application: an endpoint for a route."""
        return OpenAPIResponse(self.get_schema(request.app.routes))


class SchemaGenerator(BaseSchemaGenerator):
    """Make an OpenAPI schema: `base_schema` and, under `paths`, what the docstrings say.

    `mounted` merges the schemas that mounted applications make themselves. It is called with the
    application of each `Mount` and `Host` and gives its schema (`lambda app: app.openapi()` for
    FastAPI), or None for one whose routes are to be read as all others. Paths get the mount's
    prefix; components and the like are united, and a ValueError names two that differ.
    """

    def __init__(
        self,
        base_schema: dict[str, Any],
        *,
        mounted: Callable[[Any], Mapping[str, Any] | None] | None = None,
    ) -> None:
        self.base_schema = base_schema
        self.mounted: Callable[[Any], Mapping[str, Any] | None] = mounted or (lambda app: None)

    def _has_own_schema(self, route: Mount | Host) -> bool:
        return self.mounted(_application(route)) is not None

    def get_schema(self, routes: list[BaseRoute]) -> dict[str, Any]:
        """Give the schema; endpoints whose docstring holds nothing are left out.

        QUERY, which OpenAPI knows since 3.2, needs an `openapi` of at least that in the base.
        """
        paths = dict(self.base_schema.get("paths", {}))
        schema = {**self.base_schema, "paths": paths}
        for path, method, func in self.get_endpoints(routes):
            if method == "query" and _version(schema) < (3, 2):
                continue
            if parsed := self.parse_docstring(func):
                paths[path] = {**paths.get(path, {}), method: parsed}
        for prefix, route in _leaves(routes, "", self._has_own_schema):
            if isinstance(route, Mount | Host):
                _unite(schema, _below(prefix + _prefix(route), self.mounted(_application(route))))
        return schema


def _yaml(user: str) -> ModuleType:
    try:
        import yaml
    except ModuleNotFoundError:
        raise AssertionError(
            f"`pyyaml` must be installed to use {user}. "
            "Install it with: pip install 'starlette-routing[schemas]'"
        ) from None
    return yaml


def _leaves(
    routes: Sequence[BaseRoute], prefix: str, is_leaf: Callable[[Mount | Host], bool]
) -> Iterator[tuple[str, BaseRoute]]:
    for route in routes:
        if isinstance(route, Mount | Host) and not is_leaf(route):
            yield from _leaves(route.routes, prefix + _prefix(route), is_leaf)
        else:
            yield prefix, route


def _prefix(route: Mount | Host) -> str:
    return _plain(route.path) if isinstance(route, Mount) else ""


def _application(route: Mount | Host) -> Any:
    return route._base_app if isinstance(route, Mount) else route.app


def _plain(path: str) -> str:
    """Give a path template without the convertors of its placeholders."""
    return PARAM_REGEX.sub(r"{\1}", path)


def _functions(route: Route) -> Iterator[tuple[str, Callable[..., Any]]]:
    endpoint = route.endpoint
    while isinstance(endpoint, functools.partial):
        endpoint = endpoint.func
    if inspect.isfunction(endpoint) or inspect.ismethod(endpoint):
        for method in sorted({*(route.methods or ("GET",))} - {"HEAD"}):
            yield method.lower(), endpoint
        return
    for verb in _VERBS:
        if (handler := getattr(endpoint, verb, None)) is not None:
            yield verb, handler


def _version(schema: Mapping[str, Any]) -> tuple[int, ...]:
    found = re.match(r"(\d+)\.(\d+)", str(schema.get("openapi", "")))
    return tuple(map(int, found.groups())) if found else ()


def _below(prefix: str, schema: Mapping[str, Any] | None) -> dict[str, Any]:
    """Give the parts of a mounted application's schema that belong into the whole one."""
    schema = schema or {}
    paths = {prefix + path: item for path, item in schema.get("paths", {}).items()}
    united = {key: schema[key] for key in ("components", "tags", "webhooks") if key in schema}
    return {**united, "paths": paths}


def _unite(into: dict[str, Any], other: Mapping[str, Any], where: str = "") -> None:
    """Add what `other` has to `into`, whose parts are replaced and never changed in place."""
    for key, value in other.items():
        name = f"{where}/{key}"
        if key not in into or into[key] == value:
            into[key] = value
        elif isinstance(value, list) and isinstance(into[key], list):
            into[key] = into[key] + [item for item in value if item not in into[key]]
        elif isinstance(value, Mapping) and isinstance(into[key], Mapping):
            into[key] = dict(into[key])
            _unite(into[key], value, name)
        else:
            raise ValueError(f"The schemas of two applications differ at {name}")
