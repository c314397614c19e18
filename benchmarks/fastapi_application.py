"""A request through an application of FastAPI with 100 routes, which runs on ours and on upstream.

FastAPI's own part, dependencies, validation and JSON, is the same on both and most of the whole.
"""

from typing import Any

from fastapi import FastAPI

from cases import Once, case, drive, http_scope

ROUTES = 100
USER = {"id": 42, "name": "Grace Hopper", "tags": ["admiral", "compiler"]}


def application() -> FastAPI:
    app = FastAPI()
    for n in range(ROUTES):

        @app.get(f"/things{n}")
        async def thing() -> Any:
            return USER

        @app.get(f"/things{n}/{{id}}")
        async def one(id: int, full: bool = False) -> Any:
            return USER

    return app


# The middle one of the routes: FastAPI itself tries them in order.
@case("GET a path -> JSON, 100 routes", answer=(200, 61))
def plain() -> Once:
    return drive(application(), http_scope(path=f"/things{ROUTES // 2}"))


@case("GET with a parameter and a query -> JSON, 100 routes", answer=(200, 61))
def parameters() -> Once:
    return drive(application(), http_scope(path=f"/things{ROUTES // 2}/42", query=b"full=true"))


@case("GET / -> JSON, one route", answer=(200, 61))
def single() -> Once:
    app = FastAPI()

    @app.get("/")
    async def root() -> Any:
        return USER

    return drive(app, http_scope())


@case("GET a path -> 404, 100 routes", answer=(404, 22))
def not_found() -> Once:
    return drive(application(), http_scope(path="/nothing"))
