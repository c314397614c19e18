"""The examples of the two documents, taken from their text and run as they are written."""

import contextlib
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import pytest

from .examples import HERE, examples

ADDRESS = r"127\.0\.0\.1:\d+"

Example = Callable[..., dict[str, Any]]


def _runner(document: str) -> Example:
    blocks = examples(document)

    def run(
        heading: str, place: int = 0, *, instead: tuple[str, str] = ("", ""), **names: Any
    ) -> dict[str, Any]:
        namespace = {"__name__": "main", **names}
        text = blocks[heading, place].replace(*instead)
        exec(compile(text, f"{document}, {heading}", "exec"), namespace)
        return namespace

    return run


@pytest.fixture
def classic() -> Example:
    """Run an example of the classic document: `classic(heading, place)` gives its names.

    Keywords are names that the example takes from those before it. `instead=(old, new)` replaces
    text that cannot stand as it is, such as a path at the root of the file system.
    """
    return _runner("classic.md")


@pytest.fixture
def modern() -> Example:
    """Run an example of the modern document: `modern(heading, place)` gives its names."""
    return _runner("modern.md")


@pytest.fixture
def write_main(tmp_path: Path) -> Callable[..., Path]:
    """Write an example, and more lines, into a `main.py`; gives the directory that holds it."""

    def write(document: str, heading: str, more: str = "") -> Path:
        (tmp_path / "main.py").write_text(examples(document)[heading, 0] + more)
        return tmp_path

    return write


@pytest.fixture
def myproject(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The module `myproject` that the chapter on routing imports from."""
    monkeypatch.syspath_prepend(HERE / "project")
    yield __import__("myproject")
    del sys.modules["myproject"]


class Command:
    """A server that runs as a process of its own; `url` is where it says that it answers."""

    def __init__(self, output: IO[str]) -> None:
        self.lines: list[str] = []
        self._output = output
        self.url = "http://" + self.wait_for(ADDRESS)

    def wait_for(self, pattern: str) -> str:
        """Read what the server prints until `pattern` is found; gives what matched."""
        for line in self._output:
            self.lines.append(line)
            if match := re.search(pattern, line):
                return match[0]
        raise AssertionError(f"The server ended without {pattern!r}: {''.join(self.lines)}")


@contextlib.contextmanager
def _running(line: str, directory: Path) -> Iterator[Command]:
    environment = os.environ | {"PYTHONPATH": str(directory), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [sys.executable, "-m", *line.split()],
        cwd=directory,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        end = threading.Timer(120, process.kill)  # a busy machine takes its time
        end.start()
        try:
            assert process.stdout is not None
            yield Command(process.stdout)
        finally:
            process.terminate()
            process.communicate()
            end.cancel()
            end.join()


@pytest.fixture
def command() -> Iterator[Callable[[str, Path], Command]]:
    """Run a server's command line in a directory: `command("uvicorn main:app", directory)`."""
    with contextlib.ExitStack() as stack:
        yield lambda line, directory: stack.enter_context(_running(line, directory))
