"""The value of a `set-cookie` header (RFC 6265bis, section 4.1.1)."""

import re
import sys
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, formatdate
from http.cookies import CookieError, Morsel, SimpleCookie
from time import time

__all__ = ["cookie_header"]

_is_key = re.compile(r"[A-Za-z0-9!#$%&'*+\-.^_`|~:]+").fullmatch
_is_reserved = Morsel[str]().isReservedKey
_separates = re.compile(r"[\0-\x1f\x7f;]").search
_quoting: SimpleCookie = SimpleCookie()


def cookie_header(
    key: str,
    value: str = "",
    max_age: float | timedelta | None = None,
    expires: datetime | timedelta | str | float | None = None,
    path: str | None = "/",
    domain: str | None = None,
    secure: bool = False,
    httponly: bool = False,
    samesite: str | None = "lax",
    partitioned: bool = False,
) -> str:
    """`key=value; ...`: attributes sorted by name, those that are None, False or "" left out.

    Values outside the cookie alphabet are quoted as `http.cookies` does. Of seconds with a
    fraction, which arithmetic with times gives, the whole ones count. Errors are those of
    `Response.set_cookie`.
    """
    _check(key, samesite, partitioned)
    attributes = (
        ("Domain", domain),
        ("expires", _date(expires)),
        ("HttpOnly", bool(httponly)),
        ("Max-Age", _seconds(max_age)),
        ("Partitioned", bool(partitioned)),
        ("Path", path),
        ("SameSite", samesite),
        ("Secure", bool(secure)),
    )
    written = [_attribute(name, given) for name, given in attributes if given]
    return "; ".join([f"{key}={_quoting.value_encode(value)[1]}", *written])


def _check(key: str, samesite: str | None, partitioned: bool) -> None:
    if _is_reserved(key):
        raise CookieError(f"Attempt to set a reserved key {key!r}")
    if not _is_key(key):
        raise CookieError(f"Illegal key {key!r}")
    if samesite is not None and samesite.lower() not in ("strict", "lax", "none"):
        raise AssertionError("samesite must be either 'strict', 'lax' or 'none'")
    if partitioned and sys.version_info < (3, 14):
        raise ValueError("Partitioned cookies are only supported in Python 3.14 and above.")


def _attribute(name: str, value: str | bool) -> str:
    if not isinstance(value, str):
        return name
    if _separates(value):  # it would end the attribute, and what follows would be one of its own
        raise ValueError(f"Cookie {name} {value!r} must not contain ';' or control characters.")
    return f"{name}={value}"


def _seconds(max_age: float | timedelta | None) -> str | None:
    seconds = max_age.total_seconds() if isinstance(max_age, timedelta) else max_age
    return str(int(seconds)) if isinstance(seconds, int | float) else seconds


def _date(expires: datetime | timedelta | str | float | None) -> str | None:
    if expires is None or isinstance(expires, str):
        return expires
    if isinstance(expires, timedelta):
        expires = expires.total_seconds()
    if isinstance(expires, int | float):
        return formatdate(time() + expires, usegmt=True)
    if expires.tzinfo is None:
        raise ValueError("usegmt option requires a UTC datetime")
    return format_datetime(expires.astimezone(UTC), usegmt=True)
