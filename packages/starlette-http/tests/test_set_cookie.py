"""Cookies that responses set, seen as the Set-Cookie header that a browser gets."""

import re
import sys
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from http.cookies import CookieError
from typing import Any

import pytest
from hypothesis import given, strategies as st

from starlette_http.cookies import cookie_parser
from starlette_http.responses import Response


def set_cookie(*args: Any, **kwargs: Any) -> str:
    response = Response()
    response.set_cookie(*args, **kwargs)
    return response.headers["set-cookie"]


def test_by_default_a_cookie_is_for_the_whole_site_and_lax() -> None:
    assert set_cookie("a", "b") == "a=b; Path=/; SameSite=lax"


def test_attributes_are_sorted_by_name() -> None:
    header = set_cookie(
        "a",
        "b",
        max_age=10,
        expires="Fri, 20 Nov 2026 21:09:14 GMT",
        path="/p",
        domain="d.org",
        secure=True,
        httponly=True,
        samesite="none",
    )
    assert header == (
        "a=b; Domain=d.org; expires=Fri, 20 Nov 2026 21:09:14 GMT; HttpOnly; "
        "Max-Age=10; Path=/p; SameSite=none; Secure"
    )


def test_attributes_that_are_none_or_empty_are_left_out() -> None:
    assert set_cookie("a", "b", path=None, domain="", samesite=None, expires="") == "a=b"


def test_a_flag_has_no_value_whatever_says_that_it_is_set() -> None:
    header = set_cookie("a", "b", path=None, samesite=None, httponly="yes", secure="1")
    assert header == "a=b; HttpOnly; Secure"


def test_a_max_age_of_zero_is_written() -> None:
    assert set_cookie("a", "b", 0, path=None, samesite=None) == "a=b; Max-Age=0"


def test_cookies_are_appended() -> None:
    response = Response(headers={"set-cookie": "x=y"})
    response.set_cookie("a", "b", path=None, samesite=None)
    response.set_cookie("a", "c", path=None, samesite=None)
    assert response.headers.getlist("set-cookie") == ["x=y", "a=b", "a=c"]


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("", '""'),
        ("b c;d,é", r'"b c\073d\054\351"'),
        ('"\\', r'"\"\\"'),
        ("a\r\nb", r'"a\015\012b"'),
    ],
    ids=["empty", "separators", "quotes", "line-break"],
)
def test_a_value_is_quoted_where_it_needs_to_be(value: str, written: str) -> None:
    assert set_cookie("a", value, path=None, samesite=None) == f"a={written}"


@given(st.text(st.characters(max_codepoint=0xFF)))
def test_every_latin_1_value_comes_back_from_the_cookie_header(value: str) -> None:
    header = set_cookie("a", value, path=None, samesite=None)
    assert cookie_parser(header) == {"a": value}


def test_a_value_beyond_latin_1_is_a_unicode_error() -> None:
    with pytest.raises(UnicodeEncodeError):
        set_cookie("a", "€")


@pytest.mark.parametrize("key", ["a b", "", "a=b", "a;b", "é", "a\r\n"])
def test_an_illegal_key_is_refused(key: str) -> None:
    with pytest.raises(CookieError, match=f"^Illegal key {re.escape(repr(key))}$"):
        set_cookie(key, "b")


@pytest.mark.parametrize("key", ["path", "Expires"])
def test_a_reserved_key_is_refused(key: str) -> None:
    with pytest.raises(CookieError, match=f"^Attempt to set a reserved key '{key}'$"):
        set_cookie(key, "b")


@pytest.mark.parametrize("attribute", ["path", "domain", "expires"])
@pytest.mark.parametrize("text", ["/;secure", "/\r\nx: y", "/\0", "/\x7f"])
def test_an_attribute_cannot_smuggle_in_another(attribute: str, text: str) -> None:
    with pytest.raises(ValueError, match="must not contain ';' or control characters"):
        set_cookie("a", "b", **{attribute: text})


@pytest.mark.parametrize("samesite", ["lax", "Strict", "NONE"])
def test_samesite_is_written_as_it_is_given(samesite: str) -> None:
    assert set_cookie("a", "b", path=None, samesite=samesite) == f"a=b; SameSite={samesite}"


def test_an_unknown_samesite_is_refused() -> None:
    with pytest.raises(AssertionError, match="^samesite must be either 'strict', 'lax' or 'none'$"):
        set_cookie("a", "b", samesite="loose")


def expiry(expires: Any) -> datetime:
    header = set_cookie("a", "b", expires=expires, path=None, samesite=None)
    assert header.endswith(" GMT")
    return parsedate_to_datetime(header.removeprefix("a=b; expires="))


@pytest.mark.parametrize(
    "expires",
    [
        datetime(2026, 11, 20, 21, 9, 14, tzinfo=UTC),
        datetime(2026, 11, 20, 23, 9, 14, tzinfo=timezone(timedelta(hours=2))),
    ],
    ids=["utc", "other-zone"],
)
def test_a_datetime_is_written_in_gmt(expires: datetime) -> None:
    header = set_cookie("a", "b", expires=expires, path=None, samesite=None)
    assert header == "a=b; expires=Fri, 20 Nov 2026 21:09:14 GMT"


def test_a_naive_datetime_is_refused() -> None:
    with pytest.raises(ValueError, match="^usegmt option requires a UTC datetime$"):
        set_cookie("a", "b", expires=datetime(2026, 11, 20))


@pytest.mark.parametrize(
    "expires", [3600, 3599.5, timedelta(hours=1)], ids=["seconds", "fraction", "timedelta"]
)
def test_a_duration_until_expiry_counts_from_now(expires: float | timedelta) -> None:
    from_now = expiry(expires) - datetime.now(UTC)
    assert timedelta(minutes=59) < from_now <= timedelta(hours=1)


@pytest.mark.parametrize("max_age", [60, 60.9, timedelta(minutes=1)])
def test_max_age_is_written_in_whole_seconds(max_age: Any) -> None:
    header = set_cookie("a", "b", max_age=max_age, path=None, samesite=None)
    assert header == "a=b; Max-Age=60"


def test_a_partitioned_cookie_needs_python_3_14() -> None:
    if sys.version_info >= (3, 14):
        assert set_cookie("a", "b", partitioned=True, path=None, samesite=None) == (
            "a=b; Partitioned"
        )
    else:
        with pytest.raises(
            ValueError, match=r"^Partitioned cookies are only supported in Python 3.14 and above.$"
        ):
            set_cookie("a", "b", partitioned=True)


def test_deleting_a_cookie_sets_it_empty_and_expired() -> None:
    response = Response()
    response.delete_cookie("a", path="/p", domain="d.org", secure=True, httponly=True)
    header = response.headers["set-cookie"]
    expires = re.search("expires=([^;]+)", header)
    assert expires
    assert header.replace(expires[1], "DATE") == (
        'a=""; Domain=d.org; expires=DATE; HttpOnly; Max-Age=0; Path=/p; SameSite=lax; Secure'
    )
    assert parsedate_to_datetime(expires[1]) <= datetime.now(UTC)
