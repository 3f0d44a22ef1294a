"""Every table of the house in one metadata: what migrations are compared with."""

from kernel.access import models as access_models
from kernel.db import models as kernel_models
from kernel.db.base import Base

__all__ = ["access_models", "kernel_models", "metadata"]

metadata = Base.metadata
