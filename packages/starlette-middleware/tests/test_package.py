"""The package as a whole."""

import subprocess
import sys

import starlette_middleware


def test_importing_the_root_imports_nothing_that_is_optional() -> None:
    program = (
        "import sys, starlette_middleware\n"
        "print(*{'itsdangerous', 'opentelemetry', 'brotli', 'zstandard',"
        " 'starlette_middleware.wsgi'} & sys.modules.keys())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout == "\n"


def test_wsgi_is_not_among_the_public_names() -> None:
    assert "WSGIMiddleware" not in starlette_middleware.__all__
