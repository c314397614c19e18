"""This name is the module object `starlette_middleware.gzip`."""

import sys
from typing import TYPE_CHECKING

import starlette_middleware.gzip as _target

if TYPE_CHECKING:
    from starlette_middleware.gzip import *  # noqa: F403

sys.modules[__name__] = _target
