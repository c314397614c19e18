"""A suite of a FastAPI application, as its users write them, through `fastapi.testclient`.

It runs where this project's `starlette` was installed with `fastapi` and `httpx`, and nothing else.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Annotated, Any

from fastapi import (
    BackgroundTasks,
    Depends,
    FastAPI,
    Header,
    HTTPException,
    Request,
    Response,
    WebSocket,
    WebSocketDisconnect,
)
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse, StreamingResponse
from fastapi.routing import APIRouter
from fastapi.testclient import TestClient
from pydantic import BaseModel
from tests.standalone.runner import run

import starlette_http

events: list[str] = []


class Item(BaseModel):
    name: str
    price: float


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    events.append("startup")
    yield
    events.append("shutdown")


def user(authorization: Annotated[str | None, Header()] = None) -> str:
    if authorization != "Bearer token":
        raise HTTPException(401, "Not authenticated", headers={"WWW-Authenticate": "Bearer"})
    return "ada"


router = APIRouter(prefix="/items", tags=["items"])
app = FastAPI(lifespan=lifespan)
app.add_middleware(CORSMiddleware, allow_origins=["https://example.org"])


@router.get("/{item_id}")
async def read_item(item_id: int, q: str | None = None) -> dict[str, Any]:
    return {"item_id": item_id, "q": q}


@router.post("/", status_code=201)
def create_item(item: Item, tasks: BackgroundTasks) -> Item:
    tasks.add_task(events.append, item.name)
    return item


app.include_router(router)


@app.get("/me")
async def me(name: Annotated[str, Depends(user)]) -> str:
    return name


@app.get("/cookie")
async def cookie(request: Request, response: Response) -> str:
    response.set_cookie("seen", "yes")
    return request.cookies.get("seen", "no")


@app.get("/stream")
async def stream() -> StreamingResponse:
    return StreamingResponse(iter(["one ", "two"]), media_type="text/plain")


@app.get("/fail")
async def fail() -> None:
    raise ValueError("boom")


@app.exception_handler(LookupError)
async def lookup_error(request: Request, exc: LookupError) -> JSONResponse:
    return JSONResponse({"missing": str(exc)}, status_code=404)


@app.get("/missing")
def missing() -> None:
    raise LookupError("it")


@app.websocket("/echo/{name}")
async def echo(websocket: WebSocket, name: str) -> None:
    await websocket.accept()
    try:
        while True:
            await websocket.send_json({name: await websocket.receive_text()})
    except WebSocketDisconnect as disconnect:
        events.append(f"left with {disconnect.code}")


client = TestClient(app)


def test_this_project_is_what_fastapi_stands_on() -> None:
    assert version("starlette") == version("starlette-http")
    assert starlette_http.JSONResponse in JSONResponse.__mro__


def test_path_and_query_parameters() -> None:
    assert client.get("/items/7?q=x").json() == {"item_id": 7, "q": "x"}
    assert client.get("/items/x").status_code == 422


def test_a_body_is_validated() -> None:
    item = {"name": "pen", "price": 1.5}
    created = client.post("/items/", json=item)
    assert (created.status_code, created.json()) == (201, item)
    assert client.post("/items/", json={"name": "pen"}).status_code == 422
    assert client.post("/items/", content=b"{").status_code == 422


def test_background_tasks_run() -> None:
    client.post("/items/", json={"name": "task", "price": 1})
    assert "task" in events


def test_dependencies_and_their_overrides() -> None:
    refused = client.get("/me")
    assert (refused.status_code, refused.json()) == (401, {"detail": "Not authenticated"})
    assert refused.headers["www-authenticate"] == "Bearer"
    assert client.get("/me", headers={"Authorization": "Bearer token"}).json() == "ada"
    app.dependency_overrides[user] = lambda: "grace"
    assert client.get("/me").json() == "grace"
    app.dependency_overrides.clear()


def test_404_405_and_redirected_slashes() -> None:
    assert client.get("/nothing").json() == {"detail": "Not Found"}
    assert client.delete("/me").status_code == 405
    assert client.post("/items", json={"name": "pen", "price": 1}).status_code == 201


def test_cookies_are_kept_by_the_client() -> None:
    kept = TestClient(app)
    assert [kept.get("/cookie").json() for _ in range(2)] == ["no", "yes"]


def test_streamed_responses() -> None:
    with client.stream("GET", "/stream") as response:
        assert "".join(response.iter_text()) == "one two"


def test_cors() -> None:
    response = client.get("/stream", headers={"Origin": "https://example.org"})
    assert response.headers["access-control-allow-origin"] == "https://example.org"


def test_exception_handlers_and_server_errors() -> None:
    assert client.get("/missing").json() == {"missing": "it"}
    try:
        client.get("/fail")
    except ValueError as error:
        raised = str(error)
    assert raised == "boom"
    quiet = TestClient(app, raise_server_exceptions=False)
    assert quiet.get("/fail").status_code == 500


def test_websockets() -> None:
    with client.websocket_connect("/echo/ada") as session:
        session.send_text("hello")
        assert session.receive_json() == {"ada": "hello"}
    assert events[-1] == "left with 1000"


def test_the_lifespan_runs_inside_with() -> None:
    events.clear()
    with TestClient(app) as inside:
        assert inside.get("/items/1").status_code == 200
    assert events == ["startup", "shutdown"]


def test_the_openapi_schema() -> None:
    schema = client.get("/openapi.json").json()
    assert set(schema["paths"]) >= {"/items/{item_id}", "/items/", "/me"}
    assert client.get("/docs").status_code == 200


if __name__ == "__main__":
    run("fastapi", dict(globals()))
