"""What values look like on the debug page: bounded, and without the secrets in them."""

import sys
import time
from collections import OrderedDict
from typing import Any

import pytest
from hypothesis import given, strategies as st

from starlette_middleware.masked_repr import TimeLimit, TooSlow, is_secret, mask, masked_repr


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "PASSWD",
        "api_key",
        "X-Api-Key",
        "authorization",
        "auth",
        "Set-Cookie",
        "csrftoken",
    ]
    + ["access_token", "client_secret", "sessionid", "private_key", "aws_access_key", "signature"],
)
def test_the_names_of_secrets_are_known(name: str) -> None:
    assert is_secret(name)


@pytest.mark.parametrize("name", ["author", "authority", "user", "host", "key", "accept", "page"])
def test_other_names_are_no_secrets(name: str) -> None:
    assert not is_secret(name)


SECRET: list[tuple[Any, str]] = [
    ({"password": "hunter2"}, "{'password': '********'}"),
    ({"a": {"token": b"hunter2"}}, "{'a': {'token': b'********'}}"),
    ([(b"cookie", b"a=hunter2")], "[(b'cookie', b'********')]"),
    (OrderedDict(secret="hunter2"), "OrderedDict({'secret': '********'})"),
    ("https://a/?token=hunter2&b=1", "'https://a/?token=********&b=1'"),
    ("a=1;password='hunter2'", "\"a=1;password='********'\""),
]


@pytest.mark.parametrize(("value", "expected"), SECRET)
def test_secrets_are_masked(value: Any, expected: str) -> None:
    if sys.version_info < (3, 12) and isinstance(value, OrderedDict):
        expected = "OrderedDict([('secret', '********')])"
    assert masked_repr(value) == expected


@given(st.text())
def test_text_without_secrets_stays(text: str) -> None:
    assert is_secret(text) or mask(text) == text


@given(st.dictionaries(st.sampled_from(["password", "x-token", "Cookie"]), st.text(min_size=9)))
def test_no_value_of_a_secret_survives(values: dict[str, str]) -> None:
    shown = masked_repr(values)
    assert not any(f": {value!r}" in shown for value in values.values())


def test_a_value_without_a_repr_is_named() -> None:
    assert masked_repr(10**5000) == "<builtins.int: its repr raised ValueError>"


@given(st.recursive(st.text() | st.binary() | st.integers(), st.lists, max_leaves=100))
def test_a_repr_is_bounded(value: Any) -> None:
    assert len(masked_repr(value)) < 1_200


@pytest.mark.parametrize("text", ["token" * 300, "?" * 1_000, "?token" * 150, "'" * 1_000])
def test_masking_takes_no_time(text: str) -> None:
    began = time.process_time()
    mask(text)
    assert time.process_time() - began < 1


def test_a_repr_that_does_not_end_is_stopped() -> None:
    class Endless:
        def __repr__(self) -> str:
            while True:
                pass

    before = sys.gettrace()
    assert masked_repr(Endless()).endswith("its repr took more than 0.1 seconds>")
    assert sys.gettrace() is before


def test_a_limit_raises_from_the_moment_on_that_time_is_up() -> None:
    frame = sys._getframe()
    limit = TimeLimit(10)
    assert limit(frame, "call", None) is limit
    with pytest.raises(TooSlow):
        TimeLimit(-1)(frame, "line", None)
