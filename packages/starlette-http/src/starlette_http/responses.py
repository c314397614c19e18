"""All response classes, collected from their rooms."""

from mimetypes import guess_type

from .response import (
    Content,
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
)
from .streaming import AsyncContentStream, ContentStream, StreamingResponse, SyncContentStream

__all__ = [
    "AsyncContentStream",
    "Content",
    "ContentStream",
    "HTMLResponse",
    "JSONResponse",
    "PlainTextResponse",
    "RedirectResponse",
    "Response",
    "StreamingResponse",
    "SyncContentStream",
    "guess_type",
]
