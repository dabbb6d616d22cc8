"""The compiled kernel, where it was built and is wanted.

Whoever uses it has a twin in NumPy or pycocotools that gives the same bits, for a machine without a compiler, and for
who does not trust machine code: ``PIXRET_KERNEL=off`` leaves it out.
"""

import os
from types import ModuleType

kernel: ModuleType | None
"""`pixret.metrics._kernel`, or None."""

try:
    from pixret.metrics import _kernel as kernel
except ImportError:
    kernel = None
if os.environ.get("PIXRET_KERNEL") == "off":
    kernel = None

COMPILED = kernel is not None
"""Whether the core runs compiled; its numbers are the same without."""
