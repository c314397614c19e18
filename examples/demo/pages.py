"""Rendered pages, a JSON endpoint and a streaming response."""

from collections.abc import AsyncIterator
from pathlib import Path

import anyio

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.templating import Jinja2Templates

templates = Jinja2Templates(directory=Path(__file__).resolve().parent / "templates")


async def home(request: Request) -> Response:
    return templates.TemplateResponse(request, "home.html")


async def chat(request: Request) -> Response:
    return templates.TemplateResponse(request, "chat.html")


async def hello(request: Request) -> Response:
    return JSONResponse({"hello": request.path_params["name"], "url": str(request.url)})


async def numbers(request: Request) -> Response:
    return StreamingResponse(count_to(10), media_type="text/plain")


async def count_to(last: int) -> AsyncIterator[str]:
    for number in range(1, last + 1):
        yield f"{number}\n"
        await anyio.sleep(0.2)
