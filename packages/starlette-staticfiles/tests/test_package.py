"""What `starlette_staticfiles` itself exports."""

import pytest

import starlette_staticfiles
from starlette_staticfiles import staticfiles


def test_every_exported_name_is_that_of_its_module() -> None:
    for name in starlette_staticfiles.__all__:
        assert getattr(starlette_staticfiles, name) is getattr(staticfiles, name)


def test_exported_names_are_listed() -> None:
    assert set(starlette_staticfiles.__all__) <= set(dir(starlette_staticfiles))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Statics'"):
        starlette_staticfiles.Statics  # noqa: B018
