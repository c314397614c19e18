"""Uploads of any size: what arrives goes to the disk, chunk by chunk, and never into memory."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypedDict

import anyio

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette_http import Part

from examples.demo.templating import templates

LARGEST = 4 * 1024**3


@dataclass
class Upload:
    name: str
    size: int
    path: Path


class State(TypedDict):
    folder: Path
    uploads: dict[str, Upload]


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[State]:
    with TemporaryDirectory(prefix="demo-uploads-") as folder:
        yield {"folder": Path(folder), "uploads": {}}


async def page(request: Request[State]) -> Response:
    uploads = request.state["uploads"]
    return templates.TemplateResponse(request, "uploads.html", {"uploads": uploads})


async def receive(request: Request[State]) -> Response:
    async for part in request.parts(max_file_size=LARGEST):
        if part.filename:
            # On disk a file has a name of ours: the client's may be a path that leads anywhere.
            key = secrets.token_hex(8)
            path = request.state["folder"] / key
            request.state["uploads"][key] = Upload(part.filename, await save(part, path), path)
    return RedirectResponse(request.url_for("uploads"), status_code=303)


async def save(part: Part, path: Path) -> int:
    """Write the part to a new file and give its size; no half of one stays behind."""
    try:
        async with await anyio.open_file(path, "xb") as file:
            async for chunk in part:
                await file.write(chunk)
            return await file.tell()
    except BaseException:
        path.unlink(missing_ok=True)
        raise


async def download(request: Request[State]) -> Response:
    upload = request.state["uploads"].get(request.path_params["key"])
    if upload is None:
        raise HTTPException(404)
    return FileResponse(upload.path, filename=upload.name)
