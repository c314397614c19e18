"""All response classes, collected from their rooms."""

import json as json
from mimetypes import guess_type

from .background import BackgroundTask
from .concurrency import create_collapsing_task_group, iterate_in_threadpool
from .events import EventSourceResponse, ServerSentEvent, last_event_id
from .files import FileResponse
from .headers import Headers, MutableHeaders
from .ranges import MalformedRangeHeader, RangeNotSatisfiable
from .requests import ClientDisconnect
from .response import (
    Content,
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
)
from .streaming import AsyncContentStream, ContentStream, StreamingResponse, SyncContentStream
from .types import Message, Receive, Scope, Send
from .urls import URL

__all__ = [
    "AsyncContentStream",
    "BackgroundTask",
    "ClientDisconnect",
    "Content",
    "ContentStream",
    "EventSourceResponse",
    "FileResponse",
    "HTMLResponse",
    "Headers",
    "JSONResponse",
    "MalformedRangeHeader",
    "Message",
    "MutableHeaders",
    "PlainTextResponse",
    "RangeNotSatisfiable",
    "Receive",
    "RedirectResponse",
    "Response",
    "Scope",
    "Send",
    "ServerSentEvent",
    "StreamingResponse",
    "SyncContentStream",
    "URL",
    "create_collapsing_task_group",
    "guess_type",
    "iterate_in_threadpool",
    "last_event_id",
]
