"""This name is the module object `starlette_middleware.httpsredirect`."""

import sys
from typing import TYPE_CHECKING

import starlette_middleware.httpsredirect as _target

if TYPE_CHECKING:
    from starlette_middleware.httpsredirect import *  # noqa: F403

sys.modules[__name__] = _target
