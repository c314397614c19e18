"""All response classes, collected from their rooms.

Streams, files and events are loaded when one of their names is first asked for: what they stand on
(hashes, random numbers, media types, dates) is half of the cost of importing an application.
"""

import json as json
from typing import TYPE_CHECKING

from .background import BackgroundTask
from .concurrency import create_collapsing_task_group, iterate_in_threadpool
from .headers import Headers, MutableHeaders
from .late_names import late_names
from .requests import ClientDisconnect
from .response import (
    Content,
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
)
from .types import Message, Receive, Scope, Send
from .urls import URL

if TYPE_CHECKING:
    from mimetypes import guess_type

    from .events import EventSourceResponse, ServerSentEvent, last_event_id
    from .files import FileResponse
    from .ranges import MalformedRangeHeader, RangeNotSatisfiable
    from .streaming import AsyncContentStream, ContentStream, StreamingResponse, SyncContentStream
else:
    __getattr__, __dir__ = late_names(
        globals(),
        {
            "AsyncContentStream": ".streaming",
            "ContentStream": ".streaming",
            "EventSourceResponse": ".events",
            "FileResponse": ".files",
            "MalformedRangeHeader": ".ranges",
            "RangeNotSatisfiable": ".ranges",
            "ServerSentEvent": ".events",
            "StreamingResponse": ".streaming",
            "SyncContentStream": ".streaming",
            "guess_type": "mimetypes",
            "last_event_id": ".events",
        },
    )

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
