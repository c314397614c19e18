"""`masked_repr`: what a value looks like, in bounded size and time, without the secrets in it.

1. A repr has about `MAX_LENGTH` characters at most. Containers are cut by the number of their
   items, long strings in the middle.
2. Python code that a repr runs is stopped after `MAX_SECONDS`; one that raises is shown as such.
   (A repr that blocks in C, such as one that sleeps, is waited for.)
3. What follows a name such as `password`, `token` or `authorization` in the text is masked, in
   dicts, in pairs, in keyword form and in the queries of URLs.

The names are a guess, and so this is a help against accidents, not a way to publish secrets.
"""

import re
import reprlib
import sys
import time
from types import FrameType
from typing import Any

__all__ = [
    "MASK",
    "MAX_LENGTH",
    "MAX_SECONDS",
    "TimeLimit",
    "TooSlow",
    "is_secret",
    "mask",
    "masked_repr",
]

MASK = "********"
MAX_LENGTH = 1_000
MAX_SECONDS = 0.1

_NAMES = (
    r"auth(?!or(?!i[sz]))|cookie|credential|csrf|xsrf|passw|passphrase|pwd|secret|session|signature"
    r"|token|jwt|private|api[-_]?key|access[-_]?key"
)
# Compiled when the first page is made, and kept by `re`: most processes never make one.
# 'password': '...'   (b'cookie', b'...')   password='...'
_QUOTED = (
    rf"""((?:{_NAMES})[\w.-]*['"]?\s*[:=,]\s*(?:\w+\()?[bru]{{0,2}})"""
    r"""(['"])(?:\\.|(?!\2).)*(?:\2|$)"""
)
# ?access_token=...&
_IN_QUERY = rf"""([?&;][^?=&;\s'"]*(?:{_NAMES})[^?=&;\s'"]*=)[^&;\s'"]+"""


def is_secret(name: str) -> bool:
    """Tell whether a variable, header or parameter of this name is likely to hold a secret."""
    return re.search(_NAMES, name, re.IGNORECASE) is not None


def mask(text: str) -> str:
    """Mask in `text` whatever is named like a secret. Takes time with the square of its length."""
    text = re.sub(_QUOTED, rf"\1\2{MASK}\2", text, flags=re.IGNORECASE | re.DOTALL)
    return re.sub(_IN_QUERY, rf"\1{MASK}", text, flags=re.IGNORECASE)


def masked_repr(value: Any) -> str:
    """Give the repr of `value`, bounded and masked. Never raises an `Exception`."""
    text = ""
    error: BaseException | None = None
    previous = sys.gettrace()
    try:
        # Traces the Python code that is called from here, but not this function itself.
        sys.settrace(TimeLimit(MAX_SECONDS))
        text = _bounded.repr(value)
    except (TooSlow, Exception) as exc:
        error = exc
    finally:
        sys.settrace(previous)
    if error is None:
        return mask(_shortened(text))
    reason = f"raised {type(error).__name__}"
    if isinstance(error, TooSlow):
        reason = f"took more than {MAX_SECONDS} seconds"
    return f"<{type(value).__module__}.{type(value).__qualname__}: its repr {reason}>"


class TooSlow(BaseException):
    """Time is up. No `Exception`, so that handlers for these let it through."""


class TimeLimit:
    """A trace function that raises `TooSlow` once `seconds` have passed."""

    def __init__(self, seconds: float) -> None:
        self._deadline = time.monotonic() + seconds

    def __call__(self, frame: FrameType, event: str, argument: Any) -> "TimeLimit":
        if time.monotonic() > self._deadline:
            raise TooSlow
        return self


_bounded = reprlib.Repr()
_bounded.maxlevel = 4
_bounded.maxdict = _bounded.maxlist = _bounded.maxtuple = _bounded.maxset = 20
_bounded.maxfrozenset = _bounded.maxdeque = _bounded.maxarray = 20
_bounded.maxstring = 200
_bounded.maxother = MAX_LENGTH


def _shortened(text: str) -> str:
    if len(text) <= MAX_LENGTH:
        return text
    return f"{text[: MAX_LENGTH - 100]}... ({len(text)} characters)"
