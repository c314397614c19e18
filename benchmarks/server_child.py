"""Serves the application of one framework with uvicorn, on a free port of 127.0.0.1.

Writes the port. Then writes its CPU seconds for every line that it reads, and ends with its input.
"""

import importlib
import socket
import sys
import threading
import time

import uvicorn
import uvloop


async def main(framework: str) -> None:
    app = await importlib.import_module(f"frameworks.{framework}").application()
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            loop="none",
            http="httptools",
            ws="none",
            lifespan="off",  # what needs it has had its startup
            timeout_keep_alive=3600,  # the connections wait while the others take their turns
            access_log=False,
            log_level="warning",
        )
    )

    def answer() -> None:
        for _ in sys.stdin:
            print(time.process_time(), flush=True)
        server.should_exit = True

    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        threading.Thread(target=answer, daemon=True).start()
        print(listener.getsockname()[1], flush=True)
        await server.serve([listener])


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:]))
