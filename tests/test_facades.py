"""One module, two names: `starlette.X` is the module object of the package that implements it."""

import importlib
import pkgutil
import re
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest

import starlette

HTTP = "background concurrency datastructures exceptions formparsers requests responses status"
MIDDLEWARE = (
    "authentication base body_limit compression cors errors exceptions gzip httpsredirect "
    "opentelemetry sessions trustedhost wsgi"
)
FACADES = {
    **{f"starlette.{name}": f"starlette_http.{name}" for name in HTTP.split()},
    "starlette.templating": "starlette_http.templating",
    "starlette.types": "starlette_http.types",
    "starlette.websockets": "starlette_websockets.websockets",
    "starlette.convertors": "starlette_routing.convertors",
    "starlette.endpoints": "starlette_routing.endpoints",
    "starlette.routing": "starlette_routing.routing",
    "starlette.schemas": "starlette_routing.schemas",
    "starlette.staticfiles": "starlette_staticfiles.staticfiles",
    "starlette.testclient": "starlette_testclient.testclient",
    "starlette.authentication": "starlette_middleware.auth",
    "starlette.debug": "starlette_middleware.debug",
    **{f"starlette.middleware.{n}": f"starlette_middleware.{n}" for n in MIDDLEWARE.split()},
}
REAL = {
    "starlette._exception_handler",
    "starlette._utils",
    "starlette.applications",
    "starlette.config",
    "starlette.middleware",
    "starlette.shortpath",
}


def test_every_module_of_the_package_is_a_facade_or_known_to_be_real() -> None:
    names = {module.name for module in pkgutil.walk_packages(starlette.__path__, "starlette.")}
    assert names == FACADES.keys() | REAL


@pytest.mark.parametrize(("facade", "target"), FACADES.items())
def test_a_facade_is_the_module_it_names(facade: str, target: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert importlib.import_module(facade) is importlib.import_module(target)
    assert sys.modules[facade] is sys.modules[target]


@pytest.mark.parametrize(("facade", "target"), FACADES.items())
def test_every_facade_has_the_same_form(facade: str, target: str) -> None:
    path = Path(starlette.__path__[0], *facade.split(".")[1:]).with_suffix(".py")
    lines = [line for line in path.read_text().splitlines() if line]
    assert lines[:6] == [
        f'"""This name is the module object `{target}`."""',
        "import sys",
        "from typing import TYPE_CHECKING",
        f"import {target} as _target",
        "if TYPE_CHECKING:",
        f"    from {target} import *  # noqa: F403",
    ]
    assert lines[-1] == "sys.modules[__name__] = _target"
    for line in lines[6:-1]:
        assert re.match(rf"    from {target} import |        (\w+) as \1,$|    \)$", line)


def test_an_attribute_set_through_one_name_is_seen_through_the_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ours: Any = importlib.import_module("starlette_routing.routing")
    replacement = object()
    monkeypatch.setattr("starlette.routing.get_name", replacement)
    assert ours.get_name is replacement
    monkeypatch.undo()
    assert ours.get_name is not replacement


def test_a_replaced_request_response_is_what_routes_use(monkeypatch: pytest.MonkeyPatch) -> None:
    from starlette.routing import Route

    async def replacement(scope: object, receive: object, send: object) -> None: ...

    monkeypatch.setattr("starlette.routing.request_response", lambda endpoint: replacement)
    assert Route("/", lambda request: None).app is replacement


def test_the_packages_starlette_and_middleware_stay_real_packages() -> None:
    import starlette.middleware

    assert starlette.__name__ == "starlette"
    assert starlette.middleware.__name__ == "starlette.middleware"


@pytest.mark.parametrize("name", ["starlette.middleware.wsgi", "starlette_middleware.wsgi"])
def test_a_deprecated_module_warns_where_it_was_imported(name: str, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(f"import {name}\n")
    done = subprocess.run(
        [sys.executable, "-W", "always", program], capture_output=True, text=True, check=True
    )
    assert done.stderr.startswith(f"{program}:1: StarletteDeprecationWarning: ")
