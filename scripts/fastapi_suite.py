"""FastAPI's own tests on this project: `hatch run fastapi-suite:test`, with arguments for pytest.

Takes the source archive of the FastAPI that is installed, runs its tests against the packages of
this checkout, and fails on any test that does not also fail on upstream. Tests that failed are
given a second chance by themselves: many start processes that must answer within seconds, which a
busy machine does not always allow.
"""

import json
import subprocess
import sys
import tarfile
import tempfile
from importlib.metadata import version
from pathlib import Path

import starlette

ROOT = Path(__file__).resolve().parent.parent
# What failed with upstream's starlette 1.10.0 in an environment that is otherwise the same.
FAIL_ON_UPSTREAM: frozenset[str] = frozenset()
# Timings, not behaviour; they need a plugin of a commercial service.
NOT_TESTS = ("tests/benchmarks", "tests/memory_benchmarks")
NO_TESTS_COLLECTED = 5


def unpacked(folder: Path) -> Path:
    """Download FastAPI's archive into `folder` and unpack it, without the library itself."""
    name = f"fastapi=={version('fastapi')}"
    options = ["--quiet", "--no-deps", "--no-binary", "fastapi", "--dest", str(folder)]
    subprocess.run([sys.executable, "-m", "pip", "download", *options, name], check=True)
    with tarfile.open(next(folder.glob("*.tar.gz"))) as archive:
        archive.extractall(folder, filter="data")
    source = next(path for path in folder.iterdir() if path.is_dir())
    # The tests must import the FastAPI that is installed, not the one beside them.
    (source / "fastapi").rename(folder / "library")
    return source


def failures(source: Path, cache: Path, *options: str) -> set[str]:
    """Run the tests; give the ids of those that failed, of which pytest keeps a list."""
    command = [sys.executable, "-m", "pytest", "--quiet", "-o", f"cache_dir={cache}", *options]
    code = subprocess.run(command, cwd=source, check=False).returncode
    if code not in (0, 1):
        raise SystemExit(f"pytest ended with {code}; its tests were not all run")
    last_failed = cache / "v" / "cache" / "lastfailed"
    return set(json.loads(last_failed.read_text())) if last_failed.exists() else set()


def run_suite(arguments: list[str]) -> set[str]:
    """The ids of the tests that failed twice."""
    with tempfile.TemporaryDirectory() as folder:
        source, cache = unpacked(Path(folder)), Path(folder) / "cache"
        ignored = [f"--ignore={path}" for path in NOT_TESTS]
        chosen = arguments or ["tests"]
        failed = failures(source, cache, "--tb=short", "-n2", *ignored, *chosen)
        if failed - FAIL_ON_UPSTREAM:
            print(f"{len(failed)} failed; once more, one after another", flush=True)
            failed = failures(source, cache, "--last-failed", "-n1", *ignored, *chosen)
    return failed


def main(*arguments: str) -> None:
    if ROOT / "packages" not in Path(str(starlette.__file__)).parents:
        raise SystemExit(f"starlette is not this checkout's: {starlette.__file__}")
    failed = run_suite(list(arguments))
    if fixed := sorted(FAIL_ON_UPSTREAM - failed):
        print("fail on upstream only:", *fixed, sep="\n  ")
    if new := sorted(failed - FAIL_ON_UPSTREAM):
        raise SystemExit("\n  ".join(["fail here, and not on upstream:", *new]))


if __name__ == "__main__":
    main(*sys.argv[1:])
