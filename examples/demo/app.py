"""The routes of the demo."""

from pathlib import Path

from starlette.applications import Starlette
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles

from examples.demo import chat, pages

HERE = Path(__file__).resolve().parent

app = Starlette(
    routes=[
        Route("/", pages.home, name="home"),
        Route("/hello/{name}", pages.hello, name="hello"),
        Route("/numbers", pages.numbers, name="numbers"),
        Route("/chat", pages.chat, name="chat"),
        WebSocketRoute("/chat/room", chat.room, name="room"),
        Mount("/assets", StaticFiles(directory=HERE / "assets"), name="assets"),
    ],
    lifespan=chat.lifespan,
)
