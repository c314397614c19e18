"""This name is the module object `starlette_middleware.wsgi`."""

import sys
from typing import TYPE_CHECKING

import starlette_middleware.wsgi as _target

if TYPE_CHECKING:
    from starlette_middleware.wsgi import *  # noqa: F403

sys.modules[__name__] = _target
