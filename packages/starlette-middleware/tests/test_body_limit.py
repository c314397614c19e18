"""`starlette_middleware.body_limit` has the middleware of starlette-http, not another one."""

import starlette_http.body_limit
from starlette_middleware import RequestBodyLimitMiddleware, body_limit


def test_the_middleware_is_that_of_starlette_http() -> None:
    assert RequestBodyLimitMiddleware is starlette_http.body_limit.RequestBodyLimitMiddleware


def test_every_name_is_that_of_starlette_http() -> None:
    names = [*body_limit.__all__, "_RequestBodyTooLarge", "_RequestBodyLimitResponseSent"]
    for name in names:
        assert getattr(body_limit, name) is getattr(starlette_http.body_limit, name)
