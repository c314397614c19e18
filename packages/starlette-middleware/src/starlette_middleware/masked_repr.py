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
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

__all__ = ["MASK", "MAX_LENGTH", "MAX_SECONDS", "is_secret", "mask", "masked_repr"]

MASK = "********"
MAX_LENGTH = 1_000
MAX_SECONDS = 0.1

_NAMES = (
    r"auth(?!or(?!i[sz]))|cookie|credential|csrf|xsrf|passw|passphrase|pwd|secret|session|signature"
    r"|token|jwt|private|api[-_]?key|access[-_]?key"
)
_is_secret = re.compile(_NAMES, re.IGNORECASE).search

# 'password': '...'   (b'cookie', b'...')   password='...'
_mask_quoted = re.compile(
    rf"""((?:{_NAMES})[\w.-]*['"]?\s*[:=,]\s*(?:\w+\()?[bru]{{0,2}})(['"])(?:\\.|(?!\2).)*(?:\2|$)""",
    re.IGNORECASE | re.DOTALL,
).sub
# ?access_token=...&
_mask_in_query = re.compile(
    rf"""([?&;][^?=&;\s'"]*(?:{_NAMES})[^?=&;\s'"]*=)[^&;\s'"]*""", re.IGNORECASE
).sub


def is_secret(name: str) -> bool:
    """Tell whether a variable, header or parameter of this name is likely to hold a secret."""
    return _is_secret(name) is not None


def mask(text: str) -> str:
    """Mask in `text` whatever is named like a secret. Takes time with the square of its length."""
    return _mask_in_query(rf"\1{MASK}", _mask_quoted(rf"\1\2{MASK}\2", text))


def masked_repr(value: Any) -> str:
    """Give the repr of `value`, bounded and masked. Never raises an `Exception`."""
    try:
        with _limited(MAX_SECONDS):
            text = _bounded.repr(value)
    except _TooSlow:
        return f"<{_type_name(value)}: its repr took more than {MAX_SECONDS} seconds>"
    except Exception as error:
        return f"<{_type_name(value)}: its repr raised {type(error).__name__}>"
    return mask(_shortened(text))


class _TooSlow(BaseException):
    """Raised inside a repr; no Exception, so that the repr's own handlers let it through."""


@contextmanager
def _limited(seconds: float) -> Iterator[None]:
    deadline = time.monotonic() + seconds

    def check(frame: FrameType, event: str, argument: Any) -> Any:
        if time.monotonic() > deadline:
            raise _TooSlow
        return check

    previous = sys.gettrace()
    sys.settrace(check)
    try:
        yield
    finally:
        sys.settrace(previous)


class _Bounded(reprlib.Repr):
    """Cuts containers by their items, strings in the middle, and the text of all others."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlevel = 4
        self.maxdict = self.maxlist = self.maxtuple = 20
        self.maxset = self.maxfrozenset = self.maxdeque = self.maxarray = 20
        self.maxstring = 200

    # reprlib calls this with anything that is not one of the containers it knows.
    def repr_instance(self, x: Any, level: int) -> str:
        return mask(_shortened(repr(x)))

    def repr_bytes(self, x: bytes, level: int) -> str:
        return self.repr_str(x, level)  # type: ignore[arg-type]


_bounded = _Bounded()


def _shortened(text: str) -> str:
    if len(text) <= MAX_LENGTH:
        return text
    return f"{text[: MAX_LENGTH - 100]}... ({len(text)} characters)"


def _type_name(value: Any) -> str:
    return f"{type(value).__module__}.{type(value).__qualname__}"
