"""This name is the module object `starlette_middleware.body_limit`."""

import sys
from typing import TYPE_CHECKING

import starlette_middleware.body_limit as _target

if TYPE_CHECKING:
    from starlette_middleware.body_limit import *  # noqa: F403
    from starlette_middleware.body_limit import (
        _RequestBodyLimitResponseSent as _RequestBodyLimitResponseSent,
        _RequestBodyTooLarge as _RequestBodyTooLarge,
    )

sys.modules[__name__] = _target
