"""FastAPI, over real HTTP."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import httpx
import pytest
from conftest import Serve
from fastapi import APIRouter, BackgroundTasks, Depends, FastAPI, Form, UploadFile, WebSocket
from fastapi.testclient import TestClient
from pydantic import BaseModel

NOTES: list[str] = []


class Item(BaseModel):
    name: str
    price: float


async def unit() -> AsyncIterator[str]:
    yield "EUR"
    NOTES.append("dependency left")


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    NOTES.append("started")
    yield
    NOTES.append("stopped")


router = APIRouter(prefix="/items")


@router.post("/{item_id}", status_code=201)
async def create(
    item_id: int, item: Item, unit: Annotated[str, Depends(unit)], tasks: BackgroundTasks
) -> dict[str, Any]:
    tasks.add_task(NOTES.append, f"created {item_id}")
    return {"id": item_id, "unit": unit, **item.model_dump()}


app = FastAPI(lifespan=lifespan)
app.include_router(router)


@app.post("/upload")
def upload(file: UploadFile, title: Annotated[str, Form()]) -> dict[str, Any]:
    return {"title": title, "size": len(file.file.read()), "name": file.filename}


@app.websocket("/double/{n}")
async def double(websocket: WebSocket, n: int) -> None:
    await websocket.accept()
    await websocket.send_json({"doubled": 2 * n})
    await websocket.close()


@pytest.fixture
def notes() -> list[str]:
    NOTES.clear()
    return NOTES


def test_body_dependency_background_task_and_lifespan(notes: list[str]) -> None:
    with TestClient(app) as client:
        answer = client.post("/items/7", json={"name": "pen", "price": 1.5})
    assert answer.status_code == 201
    assert answer.json() == {"id": 7, "unit": "EUR", "name": "pen", "price": 1.5}
    assert sorted(notes) == ["created 7", "dependency left", "started", "stopped"]


def test_what_is_not_valid_is_422(serve: Serve) -> None:
    answer = httpx.post(serve(app) + "/items/seven", json={"name": "pen"})
    assert answer.status_code == 422
    assert [error["loc"] for error in answer.json()["detail"]] == [
        ["path", "item_id"],
        ["body", "price"],
    ]


def test_json_that_is_none_is_422(serve: Serve) -> None:
    headers = {"content-type": "application/json"}
    answer = httpx.post(serve(app) + "/items/7", content=b"{", headers=headers)
    assert answer.status_code == 422


def test_upload_beside_a_form_field(serve: Serve) -> None:
    files = {"file": ("notes.txt", b"x" * 2_000_000)}
    answer = httpx.post(serve(app) + "/upload", files=files, data={"title": "Notes"})
    assert answer.json() == {"title": "Notes", "size": 2_000_000, "name": "notes.txt"}


def test_websocket_with_a_path_parameter() -> None:
    with TestClient(app) as client, client.websocket_connect("/double/21") as websocket:
        assert websocket.receive_json() == {"doubled": 42}


def test_documentation_pages(serve: Serve) -> None:
    url = serve(app)
    schema = json.loads(httpx.get(url + "/openapi.json").content)
    assert list(schema["paths"]) == ["/items/{item_id}", "/upload"]
    assert "swagger-ui" in httpx.get(url + "/docs").text
