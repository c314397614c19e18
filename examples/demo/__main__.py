"""Serve the demo: `python -m examples.demo [--host 127.0.0.1] [--port 8000]`."""

import argparse

import uvicorn

from examples.demo.app import app


def main() -> None:
    parser = argparse.ArgumentParser(prog="demo", description="Serve the demo application.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    options = parser.parse_args()
    print(f"The demo is at http://{options.host}:{options.port}/ (stop it with Ctrl-C)", flush=True)
    uvicorn.run(
        app, host=options.host, port=options.port, log_level="warning", ws="websockets-sansio"
    )


if __name__ == "__main__":
    main()
