"""Which package may import which, types included."""

import sys
from functools import cache

import grimp
import pytest

HTTP, WEBSOCKETS, ROUTING = "starlette_http", "starlette_websockets", "starlette_routing"
STATICFILES, MIDDLEWARE = "starlette_staticfiles", "starlette_middleware"
TESTCLIENT, STARLETTE = "starlette_testclient", "starlette"

OURS = {
    HTTP: set[str](),
    WEBSOCKETS: {HTTP},
    ROUTING: {HTTP, WEBSOCKETS},
    STATICFILES: {HTTP},
    MIDDLEWARE: {HTTP, WEBSOCKETS},
    TESTCLIENT: {HTTP, WEBSOCKETS},
    STARLETTE: {HTTP, WEBSOCKETS, ROUTING, STATICFILES, MIDDLEWARE, TESTCLIENT},
}

# What each module may import from elsewhere, beside the standard library.
THEIRS = {
    "anyio": {HTTP, WEBSOCKETS, ROUTING, STATICFILES, MIDDLEWARE, TESTCLIENT, STARLETTE},
    "typing_extensions": {HTTP, WEBSOCKETS, ROUTING, STATICFILES, MIDDLEWARE, TESTCLIENT},
    "python_multipart": {HTTP},
    "jinja2": {f"{HTTP}.templating"},
    "yaml": {f"{ROUTING}.schemas"},
    "itsdangerous": {f"{MIDDLEWARE}.sessions"},
    "opentelemetry": {f"{MIDDLEWARE}.opentelemetry"},
    "brotli": {MIDDLEWARE},
    "zstandard": {MIDDLEWARE},
    # Imported on trio alone, where anyio has no function for what they need.
    "trio": {f"{MIDDLEWARE}.companion", f"{TESTCLIENT}.mailbox", f"{TESTCLIENT}.tasks"},
    "httpx": {TESTCLIENT},
    "httpx2": {TESTCLIENT},
}


# The signatures of exception handlers name these two for type checkers alone; all else of
# starlette_http stands on `types`.
NAMED_IN_TYPES = [f"{HTTP}.requests", f"{HTTP}.response"]


@cache
def graph() -> grimp.ImportGraph:
    built = grimp.build_graph(*OURS, include_external_packages=True, cache_dir=None)
    for module in NAMED_IN_TYPES:
        built.remove_import(importer=f"{HTTP}.types", imported=module)
    return built


def imports_of(package: str) -> set[tuple[str, str]]:
    """Pairs (module of `package`, what it imports)."""
    modules = {package, *graph().find_descendants(package)}
    return {
        (module, imported)
        for module in modules
        for imported in graph().find_modules_directly_imported_by(module)
    }


def test_all_seven_packages_are_looked_at() -> None:
    for package in OURS:
        assert len(graph().find_descendants(package)) > 1


@pytest.mark.parametrize("package", OURS)
def test_a_package_imports_no_package_that_it_may_not(package: str) -> None:
    allowed = OURS[package] | {package}
    strays = {
        (module, imported)
        for module, imported in imports_of(package)
        if imported.split(".")[0] in OURS and imported.split(".")[0] not in allowed
    }
    assert strays == set()


@pytest.mark.parametrize("package", OURS)
def test_a_package_imports_no_other_distribution_than_designed(package: str) -> None:
    strays = {
        (module, imported)
        for module, imported in imports_of(package)
        if imported.split(".")[0] not in OURS
        and imported.split(".")[0] not in sys.stdlib_module_names
        and not {module, package} & THEIRS.get(imported.split(".")[0], set())
    }
    assert strays == set()


@pytest.mark.parametrize("package", OURS)
def test_no_module_imports_the_root_of_its_own_package(package: str) -> None:
    own = {imported for module, imported in imports_of(package) if module != package}
    assert package not in own


@pytest.mark.parametrize("package", OURS)
def test_the_modules_of_a_package_import_each_other_in_no_circle(package: str) -> None:
    modules = graph().find_descendants(package)
    circles = [
        (module, imported)
        for module, imported in imports_of(package)
        if module in modules and imported in modules and graph().chain_exists(imported, module)
    ]
    assert circles == []
