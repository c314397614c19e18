"""The home page, the page of the chat, a JSON endpoint and a streaming response."""

from collections.abc import AsyncIterator

import anyio

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from examples.demo.templating import templates


async def home(request: Request) -> Response:
    return templates.TemplateResponse(request, "home.html")


async def chat(request: Request) -> Response:
    return templates.TemplateResponse(request, "chat.html")


async def hello(request: Request) -> Response:
    return JSONResponse({"hello": request.path_params["name"], "url": str(request.url)})


async def numbers(request: Request) -> Response:
    # Without this header browsers wait for more text before they show any, to guess its type.
    headers = {"x-content-type-options": "nosniff"}
    return StreamingResponse(count_to(10), media_type="text/plain", headers=headers)


async def count_to(last: int) -> AsyncIterator[str]:
    for number in range(1, last + 1):
        yield f"{number}\n"
        await anyio.sleep(0.2)
