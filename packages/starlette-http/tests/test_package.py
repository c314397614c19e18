"""The package itself: its public names, each loaded with the module that holds it."""

import subprocess
import sys

import pytest

import starlette_http


@pytest.mark.parametrize("name", starlette_http.__all__)
def test_public_name_is_there(name: str) -> None:
    assert hasattr(starlette_http, name)
    assert name in dir(starlette_http)


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(
        AttributeError, match="^module 'starlette_http' has no attribute 'missing'$"
    ):
        starlette_http.missing  # noqa: B018


def test_import_loads_none_of_the_modules() -> None:
    code = "import sys, starlette_http; print([m for m in sys.modules if 'starlette_http.' in m])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout.strip() == b"[]"


@pytest.mark.parametrize("module", ["requests", "responses", "formparsers", "asgi2"])
def test_optional_libraries_are_not_loaded_for_nothing(module: str) -> None:
    optional = {"jinja2", "python_multipart", "trio"}
    code = f"import sys, starlette_http.{module}; print(sorted({optional!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout.strip() == b"[]"
