"""What is said of forms that cannot be accepted.

Exception
└── MultiPartException      the form is malformed, or has too many fields or files: 400
    └── FormTooLarge        a file, or all text together, is over its limit: 413
"""

from typing import Any

from .exceptions import HTTPException
from .types import Scope

__all__ = ["FormTooLarge", "MultiPartException", "answered_as_http", "readable_size"]


class MultiPartException(Exception):
    """The form that the client sent is not acceptable; `message` says why, and may be shown."""

    status_code = 400

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class FormTooLarge(MultiPartException):
    """A file is larger than `max_file_size`, or all text fields together than `max_memory`."""

    status_code = 413


class answered_as_http:
    """Inside an application turn form errors into the HTTPException that answers them."""

    __slots__ = ("scope",)

    def __init__(self, scope: Scope) -> None:
        self.scope: Scope = scope

    def __enter__(self) -> None: ...

    def __exit__(self, kind: Any, exc: BaseException | None, traceback: Any) -> None:
        if isinstance(exc, MultiPartException) and "app" in self.scope:
            raise HTTPException(exc.status_code, detail=exc.message) from exc


def readable_size(size: int) -> str:
    """A limit in bytes, as it stands in messages: "1024KB", or "100 bytes" below one KiB."""
    return f"{size // 1024}KB" if size >= 1024 else f"{size} bytes"
