"""starlette-routing[schemas]: OpenAPI from docstrings."""

from starlette_http import Request, Response
from starlette_routing import Route
from starlette_routing.schemas import SchemaGenerator


def endpoint(request: Request) -> Response:
    """responses: {200: {description: fine}}"""
    return Response()


schema = SchemaGenerator({"openapi": "3.0.0"}).get_schema([Route("/users", endpoint)])
assert schema["paths"] == {"/users": {"get": {"responses": {200: {"description": "fine"}}}}}
