"""`wrap_app_handling_exceptions`, which other packages import from here."""

from starlette_http.exception_handling import (
    ExceptionHandlers as ExceptionHandlers,
    StatusHandlers as StatusHandlers,
    _lookup_exception_handler as _lookup_exception_handler,
    wrap_app_handling_exceptions as wrap_app_handling_exceptions,
)

__all__ = ["ExceptionHandlers", "StatusHandlers", "wrap_app_handling_exceptions"]
