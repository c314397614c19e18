"""This name is the module object `starlette_middleware.trustedhost`."""

import sys
from typing import TYPE_CHECKING

import starlette_middleware.trustedhost as _target

if TYPE_CHECKING:
    from starlette_middleware.trustedhost import *  # noqa: F403

sys.modules[__name__] = _target
