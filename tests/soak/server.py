"""Serves the application in a process of its own: `python -m tests.soak.server SERVER FD FILES`.

It listens on the descriptor that it is given, and stops at SIGTERM.
"""

import importlib
import signal
import socket
import sys
from typing import Any

import anyio
import uvicorn
from tests.soak.application import application


def uvicorn_on(backend: str, app: Any, descriptor: int) -> None:
    config = uvicorn.Config(app, loop=backend, log_level="warning", ws="websockets-sansio")
    uvicorn.Server(config).run([socket.socket(fileno=descriptor)])


def hypercorn_on(backend: str, app: Any, descriptor: int) -> None:
    config = importlib.import_module("hypercorn.config").Config()
    config.bind = [f"fd://{descriptor}"]
    config.loglevel = "WARNING"
    config.keep_alive_timeout = 3  # until then it keeps connections that the client has closed
    serve = importlib.import_module(f"hypercorn.{backend}").serve

    async def until_terminated() -> None:
        with anyio.open_signal_receiver(signal.SIGTERM) as signals:
            async for _ in signals:
                return

    async def main() -> None:
        await serve(app, config, shutdown_trigger=until_terminated, mode="asgi")

    anyio.run(main, backend=backend)


SERVERS = {"uvicorn": uvicorn_on, "hypercorn": hypercorn_on}


def main(server: str, descriptor: str, files: str) -> None:
    name, _, backend = server.partition("-")
    SERVERS[name](backend, application(files), int(descriptor))


if __name__ == "__main__":
    main(*sys.argv[1:])
