"""The seven `__init__.py` have one form: `__all__`, and a lazy `__getattr__` over one dict."""

import importlib
import subprocess
import sys

import pytest

PACKAGES = [
    "starlette",
    "starlette_http",
    "starlette_middleware",
    "starlette_routing",
    "starlette_staticfiles",
    "starlette_testclient",
    "starlette_websockets",
]


@pytest.mark.parametrize("package", PACKAGES)
def test_every_public_name_resolves(package: str) -> None:
    module = importlib.import_module(package)
    assert module.__all__
    for name in module.__all__:
        assert getattr(module, name) is not None
        assert name in dir(module)


@pytest.mark.parametrize("package", PACKAGES)
def test_the_public_names_are_exactly_the_lazy_ones(package: str) -> None:
    module = importlib.import_module(package)
    assert sorted(module._MODULES) == [name for name in module.__all__ if name != "__version__"]


@pytest.mark.parametrize("package", PACKAGES)
def test_an_unknown_name_is_an_attribute_error(package: str) -> None:
    module = importlib.import_module(package)
    assert not hasattr(module, "no_such_name")
    with pytest.raises(AttributeError, match=f"module '{package}' has no attribute 'no_such_name'"):
        module.no_such_name  # noqa: B018


@pytest.mark.parametrize("package", PACKAGES)
def test_importing_the_package_loads_no_module_of_it(package: str) -> None:
    code = (
        f"import sys, {package}; "
        "print([name for name in sys.modules if name.startswith(('starlette', 'anyio', 'httpx'))])"
    )
    output = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout
    assert output.strip() == f"['{package}']"
