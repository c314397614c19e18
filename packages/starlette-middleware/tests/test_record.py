"""`Middleware`, the record of one layer."""

import functools
from typing import Any

from starlette_http.types import ASGIApp
from starlette_middleware import Middleware


class Layer:
    def __init__(self, app: ASGIApp, first: int = 0, *, second: str = "") -> None:
        self.app = app
        self.options = (first, second)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None: ...


async def app(scope: Any, receive: Any, send: Any) -> None: ...


def test_a_record_unpacks_to_what_builds_the_layer() -> None:
    cls, args, kwargs = Middleware(Layer, 1, second="b")
    layer = cls(app, *args, **kwargs)
    assert layer.app is app
    assert layer.options == (1, "b")


def test_a_record_keeps_class_and_arguments() -> None:
    record = Middleware(Layer, 1, second="b")
    assert (record.cls, record.args, record.kwargs) == (Layer, (1,), {"second": "b"})


def test_a_record_is_shown_as_it_was_written() -> None:
    assert repr(Middleware(Layer, 1, second="b")) == "Middleware(Layer, 1, second='b')"


def test_a_record_without_arguments_shows_the_class_alone() -> None:
    assert repr(Middleware(Layer)) == "Middleware(Layer)"


def test_a_factory_without_a_name_is_shown_without_one() -> None:
    assert repr(Middleware(functools.partial(Layer), 3)) == "Middleware(, 3)"


def test_records_are_equal_only_by_identity() -> None:
    assert Middleware(Layer) != Middleware(Layer)
