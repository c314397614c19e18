"""Runs only where the packages built on Starlette are installed: `hatch run ecosystem:test`."""

import importlib.util

PACKAGES = (
    "authlib",
    "fastapi",
    "fastapi_users",
    "mcp",
    "opentelemetry.instrumentation.fastapi",
    "opentelemetry.instrumentation.starlette",
    "prometheus_fastapi_instrumentator",
    "sentry_sdk",
    "slowapi",
    "sse_starlette",
    "starlette_admin",
    "strawberry",
)


def _installed(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:  # the package that it lies in is not there
        return False


if not all(map(_installed, PACKAGES)):
    collect_ignore_glob = ["test_*.py"]
