"""This name is the module object `starlette_http.formparsers`."""

import sys
from typing import TYPE_CHECKING

import starlette_http.formparsers as _target

if TYPE_CHECKING:
    from starlette_http.formparsers import *  # noqa: F403

sys.modules[__name__] = _target
