"""This name is the module object `starlette_http.datastructures`."""

import sys
from typing import TYPE_CHECKING

import starlette_http.datastructures as _target

if TYPE_CHECKING:
    from starlette_http.datastructures import *  # noqa: F403

sys.modules[__name__] = _target
