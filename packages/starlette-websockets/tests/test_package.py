"""What `starlette_websockets` itself exports."""

import pytest

import starlette_websockets
from starlette_websockets import websockets


def test_every_exported_name_is_that_of_its_module() -> None:
    for name in starlette_websockets.__all__:
        assert getattr(starlette_websockets, name) is getattr(websockets, name)


def test_exported_names_are_listed() -> None:
    assert set(starlette_websockets.__all__) <= set(dir(starlette_websockets))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'WebSockets'"):
        starlette_websockets.WebSockets  # noqa: B018
