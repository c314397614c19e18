"""A router alone: how the cost of finding a route depends on how many there are.

Tables of 1 to 10,000 routes whose endpoints are raw ASGI applications, so that what is measured is
the lookup and little else. The control is such an application alone.
"""

import functools

from starlette.routing import Mount, Route, Router

from cases import Once, case, drive, http_scope

SIZES = (1, 10, 100, 1_000, 10_000)

START = {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]}
BODY = {"type": "http.response.body", "body": b"ok"}


class Answer:
    """An ASGI application, given as an object: a route calls it without a request around it."""

    async def __call__(self, scope, receive, send):
        await send(START)
        await send(BODY)


ANSWER = Answer()


@functools.cache
def literal(size: int) -> Router:
    return Router(
        [Route(f"/api/v1/thing{n}", ANSWER, methods=["GET"]) for n in range(size)],
        redirect_slashes=False,
    )


@functools.cache
def parameterised(size: int) -> Router:
    return Router(
        [Route(f"/api/v1/thing{n}/{{id:int}}", ANSWER, methods=["GET"]) for n in range(size)],
        redirect_slashes=False,
    )


@functools.cache
def mounts(size: int) -> Router:
    return Router([Mount(f"/things{n}", ANSWER) for n in range(size)], redirect_slashes=False)


# name -> (table, method, path with the number of the last route, answer)
LOOKUPS = {
    "first": (literal, "GET", "/api/v1/thing0", (200, 2)),
    "last": (literal, "GET", "/api/v1/thing{last}", (200, 2)),
    "last, with a parameter": (parameterised, "GET", "/api/v1/thing{last}/42", (200, 2)),
    "last mount": (mounts, "GET", "/things{last}/a/b", (200, 2)),
    "none: 404": (parameterised, "GET", "/api/v1/nothing/42", (404, 9)),
    "wrong method: 405": (literal, "POST", "/api/v1/thing{last}", (405, 18)),
}


def register(name: str, size: int) -> None:
    table, method, path, answer = LOOKUPS[name]

    @case(f"{name}, {size:,} routes", answer=answer)
    def lookup() -> Once:
        return drive(table(size), http_scope(method, path.format(last=size - 1)))

    @case(f"{name}, {size:,} routes", contender="raw")
    def alone() -> Once:
        return drive(ANSWER, http_scope(method, path.format(last=size - 1)))


for lookup_name in LOOKUPS:
    for table_size in SIZES:
        register(lookup_name, table_size)
