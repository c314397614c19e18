"""`RequestBodyLimitMiddleware`: refuse request bodies over a size with 413.

The code lives in `starlette_http.body_limit`, where routes and routers use it too.
"""

from starlette_http.body_limit import (
    MAX_BODY_SIZE_SCOPE_KEY,
    RequestBodyLimitMiddleware,
    RequestBodyLimitResponder,
    _RequestBodyLimitResponseSent as _RequestBodyLimitResponseSent,
    _RequestBodyTooLarge as _RequestBodyTooLarge,
)

__all__ = [
    "MAX_BODY_SIZE_SCOPE_KEY",
    "RequestBodyLimitMiddleware",
    "RequestBodyLimitResponder",
]
