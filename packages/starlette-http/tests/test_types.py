"""The names of the ASGI interface, and what satisfies them."""

from typing import Any, get_args

import pytest

from starlette_http import types
from starlette_http.types import MiddlewareRecord


@pytest.mark.parametrize("name", types.__all__)
def test_every_name_is_there(name: str) -> None:
    assert hasattr(types, name)


def test_exception_handlers_are_those_of_http_and_websockets() -> None:
    assert set(get_args(types.ExceptionHandler)) == {
        types.HTTPExceptionHandler,
        types.WebSocketExceptionHandler,
    }


def test_tuple_is_a_middleware_record() -> None:
    def middleware(app: Any) -> Any:
        return app

    record: MiddlewareRecord = (middleware, (), {})
    cls, args, kwargs = record
    assert cls("app", *args, **kwargs) == "app"
