"""Status codes by name, and the old names that warn."""

import http
import subprocess
import sys

import pytest

from starlette_http import status
from starlette_http.exceptions import StarletteDeprecationWarning

RENAMED = [
    ("HTTP_413_REQUEST_ENTITY_TOO_LARGE", "HTTP_413_CONTENT_TOO_LARGE", 413),
    ("HTTP_414_REQUEST_URI_TOO_LONG", "HTTP_414_URI_TOO_LONG", 414),
    ("HTTP_416_REQUESTED_RANGE_NOT_SATISFIABLE", "HTTP_416_RANGE_NOT_SATISFIABLE", 416),
    ("HTTP_422_UNPROCESSABLE_ENTITY", "HTTP_422_UNPROCESSABLE_CONTENT", 422),
]


@pytest.mark.parametrize("name", status.__all__)
def test_name_begins_with_its_code(name: str) -> None:
    protocol, code, _ = name.split("_", 2)
    assert protocol in ("HTTP", "WS")
    assert type(getattr(status, name)) is int
    assert getattr(status, name) == int(code)


def test_every_status_of_the_standard_library_has_a_name() -> None:
    codes = {getattr(status, name) for name in status.__all__ if name.startswith("HTTP_")}
    assert {code.value for code in http.HTTPStatus} <= codes


def test_names_are_sorted_by_protocol_and_code() -> None:
    assert status.__all__ == sorted(status.__all__)


@pytest.mark.parametrize(("old", "new", "code"), RENAMED)
def test_old_name_warns_on_every_access(old: str, new: str, code: int) -> None:
    for _ in range(2):
        with pytest.warns(StarletteDeprecationWarning) as caught:
            assert getattr(status, old) == code
        assert [str(warning.message) for warning in caught] == [
            f"'{old}' is deprecated. Use '{new}' instead."
        ]


def test_warning_points_at_the_line_that_uses_the_old_name() -> None:
    with pytest.warns(StarletteDeprecationWarning) as caught:
        from starlette_http.status import HTTP_422_UNPROCESSABLE_ENTITY  # noqa: F401
    assert caught[0].filename == __file__


def test_old_names_are_listed_apart() -> None:
    assert status.__deprecated__ == {old: code for old, _, code in RENAMED}
    assert set(status.__deprecated__) <= set(dir(status))
    assert not set(status.__deprecated__) & set(status.__all__)


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(
        AttributeError, match="^module 'starlette.status' has no attribute 'HTTP_999_X'$"
    ):
        status.HTTP_999_X  # noqa: B018


def test_star_import_does_not_warn() -> None:
    code = "from starlette_http.status import *; print(HTTP_200_OK, WS_1000_NORMAL_CLOSURE)"
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True)
    assert done.stdout.split() == [b"200", b"1000"]
