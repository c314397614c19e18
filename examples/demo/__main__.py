"""Serve the demo: `python -m examples.demo [--host 127.0.0.1] [--port 8000]`."""

import argparse
import contextlib
import socket

import uvicorn

from examples.demo.app import app


class Server(uvicorn.Server):
    """A server that prints its address, and does not wait for streams that have no end."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            # The port that was given, or the free one that was found for port 0.
            port = self.servers[0].sockets[0].getsockname()[1]
            address = f"http://{self.config.host}:{port}/"
            print(f"The demo is at {address} (stop it with Ctrl-C)", flush=True)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        app.state.stopping.set()
        await super().shutdown(sockets)


def main() -> None:
    parser = argparse.ArgumentParser(prog="demo", description="Serve the demo application.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    options = parser.parse_args()
    config = uvicorn.Config(
        app,
        host=options.host,
        port=options.port,
        log_level="warning",
        timeout_graceful_shutdown=2,
        ws="websockets-sansio",
    )
    with contextlib.suppress(KeyboardInterrupt):
        Server(config).run()


if __name__ == "__main__":
    main()
