"""Static files for ASGI applications."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .staticfiles import (
        NotModifiedResponse,
        PathLike,
        StaticFile,
        StaticFiles,
    )

__all__ = [
    "NotModifiedResponse",
    "PathLike",
    "StaticFile",
    "StaticFiles",
]

_MODULES = {
    "NotModifiedResponse": ".staticfiles",
    "PathLike": ".staticfiles",
    "StaticFile": ".staticfiles",
    "StaticFiles": ".staticfiles",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULES[name], __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
