"""The exceptions an application raises to end a request or a websocket with a given answer.

Exception
├── HTTPException          answered with its status code, detail and headers
└── WebSocketException     answered by closing the websocket with its code and reason
UserWarning
└── StarletteDeprecationWarning
"""

from collections.abc import Mapping
from http.client import responses as reason_phrases

__all__ = ["HTTPException", "StarletteDeprecationWarning", "WebSocketException"]


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
        # Exception.__reduce__ rebuilds from `args`: with all three there, copies and pickles work.
        super().__init__(status_code, detail, headers)
        self.status_code = status_code
        self.detail: str = reason_phrases.get(status_code, "") if detail is None else detail
        self.headers = headers

    def __str__(self) -> str:
        return f"{self.status_code}: {self.detail}"

    def __repr__(self) -> str:
        name = type(self).__name__
        return f"{name}(status_code={self.status_code!r}, detail={self.detail!r})"


class WebSocketException(Exception):
    """Close the websocket with `code` (RFC 6455, section 7.4) and `reason`, "" by default."""

    def __init__(self, code: int, reason: str | None = None) -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason: str = reason or ""

    def __str__(self) -> str:
        return f"{self.code}: {self.reason}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}(code={self.code!r}, reason={self.reason!r})"


class StarletteDeprecationWarning(UserWarning):
    """Something still works but will go. A `UserWarning`, so that it shows by default."""
