"""A chat room: what one websocket says, every websocket in the room receives."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, TypedDict

from starlette.applications import Starlette
from starlette.websockets import WebSocket, WebSocketDisconnect


class State(TypedDict):
    people: set[WebSocket[Any]]


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[State]:
    yield {"people": set()}


async def room(websocket: WebSocket[State]) -> None:
    people = websocket.state["people"]
    await websocket.accept()
    people.add(websocket)
    try:
        await websocket.send_text(f"Welcome. In the room: {len(people)}")
        async for text in websocket.iter_text():
            for person in list(people):
                await say(person, text)
    finally:
        people.discard(websocket)


async def say(person: WebSocket[State], text: str) -> None:
    # Whoever left in the meantime is taken off the list by their own call of `room`.
    with suppress(WebSocketDisconnect):
        await person.send_text(text)
