"""Import every module of one installed package: `python scripts/import_alone.py starlette-http`.

Run in an environment that holds the package's wheel and what the wheel asks for. Modules that
need an extra must fail with the sentence that names the pip command.
"""

import importlib
import pkgutil
import sys
import warnings
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXTRAS = {
    "starlette_http.templating": "pip install 'starlette-http[templates]'",
    "starlette_middleware.opentelemetry": "pip install 'starlette-middleware[opentelemetry]'",
    "starlette_middleware.sessions": "pip install 'starlette-middleware[sessions]'",
}
FACADES = {
    "starlette.templating": "starlette_http.templating",
    "starlette.middleware.opentelemetry": "starlette_middleware.opentelemetry",
    "starlette.middleware.sessions": "starlette_middleware.sessions",
}


def import_one(name: str) -> None:
    """Import `name`; where an extra is missing, insist on the error that names it."""
    command = EXTRAS.get(FACADES.get(name, name))
    try:
        module = importlib.import_module(name)
    except ImportError as error:
        if command is None or command not in str(error):
            raise
        return
    file = Path(str(module.__file__))
    if ROOT / "packages" in file.parents:
        raise SystemExit(f"{name} came from the source tree ({file}), not from a wheel")


def main(distribution: str) -> None:
    package = importlib.import_module(distribution.replace("-", "_"))
    names = [m.name for m in pkgutil.walk_packages(package.__path__, package.__name__ + ".")]
    if not names:
        raise SystemExit(f"{package.__name__} holds no modules")
    warnings.simplefilter("ignore")
    for name in names:
        import_one(name)
    if distribution == "starlette":
        importlib.import_module("starlette_http")
    print(f"{distribution}: {len(names)} modules imported from {package.__path__[0]}")


if __name__ == "__main__":
    main(*sys.argv[1:])
