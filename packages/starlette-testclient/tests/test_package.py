"""The names of the package."""

import sys

import pytest

import starlette_testclient
from starlette_testclient import testclient


@pytest.mark.parametrize("name", starlette_testclient.__all__)
def test_every_public_name_is_that_of_its_module(name: str) -> None:
    assert getattr(starlette_testclient, name) is getattr(testclient, name)
    assert name in dir(starlette_testclient)
    assert name in testclient.__all__


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        starlette_testclient.nothing  # noqa: B018


def test_the_type_aliases_of_applications_are_there() -> None:
    assert testclient.ASGIInstance
    assert testclient.ASGI2App
    assert testclient.ASGI3App
    assert sys.modules["starlette_testclient.testclient"] is testclient
