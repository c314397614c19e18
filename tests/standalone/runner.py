"""Run functions as tests, where no test runner is installed."""

import traceback
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["run"]


def run(title: str, namespace: Mapping[str, Any]) -> None:
    """Run all functions named `test_...`; SystemExit at the end if one of them raised."""
    tests = {name: test for name, test in namespace.items() if name.startswith("test_")}
    failed = [name for name, test in tests.items() if not passes(f"{title}: {name}", test)]
    if failed or not tests:
        raise SystemExit(f"{title}: {len(failed)} of {len(tests)} failed")


def passes(name: str, test: Callable[[], object]) -> bool:
    try:
        test()
    except Exception:
        print(f"{name} FAILED", traceback.format_exc(), sep="\n")
        return False
    print(f"{name} passed")
    return True
