"""The documented place of the data structures."""

import pytest

import starlette_http
from starlette_http import datastructures


@pytest.mark.parametrize("name", datastructures.__all__)
def test_every_name_is_also_the_packages(name: str) -> None:
    assert getattr(starlette_http, name) is getattr(datastructures, name)
