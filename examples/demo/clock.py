"""A clock of server-sent events: the time, every second, for as long as somebody looks at it.

A server that stops waits for the responses that are under way, and this one has no end of its own.
So it ends when `app.state.stopping` is set, which `__main__` does.
"""

import itertools
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import EventSourceResponse, Response, ServerSentEvent
from starlette_http import last_event_id

from examples.demo.templating import templates


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    app.state.stopping = anyio.Event()
    yield


async def page(request: Request) -> Response:
    return templates.TemplateResponse(request, "clock.html")


async def events(request: Request) -> Response:
    # A browser that lost the connection comes back with the id of the last event that it saw.
    last = last_event_id(request) or ""
    first = int(last) + 1 if re.fullmatch("[0-9]{1,9}", last) else 1
    return EventSourceResponse(ticks(first), shutdown=request.app.state.stopping)


async def ticks(first: int) -> AsyncIterator[ServerSentEvent]:
    for number in itertools.count(first):
        yield ServerSentEvent(time.strftime("%H:%M:%S"), event="tick", id=str(number), retry=1000)
        await anyio.sleep(1)
