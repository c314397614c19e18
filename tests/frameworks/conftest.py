"""Runs only where the frameworks are installed: `hatch run frameworks:test`."""

import importlib.util

FRAMEWORKS = ("blacksheep", "django", "falcon", "fastapi", "litestar", "quart")

if any(importlib.util.find_spec(name) is None for name in FRAMEWORKS):
    collect_ignore_glob = ["test_*.py"]
