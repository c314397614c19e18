"""This name is the module object `starlette_http.types`."""

import sys
from typing import TYPE_CHECKING

import starlette_http.types as _target

if TYPE_CHECKING:
    from starlette_http.types import *  # noqa: F403

sys.modules[__name__] = _target
