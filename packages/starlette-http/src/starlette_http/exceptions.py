"""The exceptions an application raises to end a request or a websocket with a given answer.

Exception
├── HTTPException          answered with its status code, detail and headers
└── WebSocketException     answered by closing the websocket with its code and reason
UserWarning
└── StarletteDeprecationWarning
"""

import copyreg
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

__all__ = ["HTTPException", "StarletteDeprecationWarning", "WebSocketException"]

# `http.client` has this table too, and takes as long to import as all of this package.
_REASON_PHRASES = {status.value: status.phrase for status in HTTPStatus}


class HTTPException(Exception):
    """End the request with an error response.

    `detail` defaults to the reason phrase of `status_code` ("" for an unregistered code); any
    object is kept as it is given. `headers` are added to the response.
    """

    def __init__(
        self,
        status_code: int,
        detail: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.status_code = status_code
        self.detail: str = _REASON_PHRASES.get(status_code, "") if detail is None else detail
        self.headers = headers

    def __str__(self) -> str:
        return f"{self.status_code}: {self.detail}"

    def __repr__(self) -> str:
        name = type(self).__name__
        return f"{name}(status_code={self.status_code!r}, detail={self.detail!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuilt_as_it_is(self)


class WebSocketException(Exception):
    """Close the websocket with `code` (RFC 6455, section 7.4) and `reason`, "" by default."""

    def __init__(self, code: int, reason: str | None = None) -> None:
        self.code = code
        self.reason: str = reason or ""

    def __str__(self) -> str:
        return f"{self.code}: {self.reason}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}(code={self.code!r}, reason={self.reason!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuilt_as_it_is(self)


def _rebuilt_as_it_is(error: Exception) -> tuple[Any, ...]:
    # Exception's own way, to call the class with `args`, fails for what was made with keywords,
    # and for subclasses whose constructors have parameters of their own.
    return copyreg.__newobj__, (type(error), *error.args), error.__dict__  # type: ignore[attr-defined]


class StarletteDeprecationWarning(UserWarning):
    """Something still works but will go. A `UserWarning`, so that it shows by default."""
