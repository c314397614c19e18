"""This name is the module object `starlette_http.requests`."""

import sys
from typing import TYPE_CHECKING

import starlette_http.requests as _target

if TYPE_CHECKING:
    from starlette_http.requests import *  # noqa: F403

sys.modules[__name__] = _target
