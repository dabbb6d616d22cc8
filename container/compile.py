"""Writes the bytecode of all modules that pixret loads, and of no other, so that commands start at once.

By hash and not by time, so that two builds give the same bytes. What has bytecode keeps it: Debian's Python brings that
of its standard library, the official image of Python does not.
"""

import importlib
import importlib.util
import pkgutil
import py_compile
import sys
from pathlib import Path

import pixret

LEFT_OUT = (
    "cv2",
    "datasets",
    "opentelemetry",
)  # what the image does without, and so the modules of pixret that need it


def _load_everything() -> None:
    for module in pkgutil.walk_packages(pixret.__path__, "pixret."):
        if module.name.endswith("__main__") or ".migrations" in module.name:  # run, and not imported
            continue
        try:
            importlib.import_module(module.name)
        except ModuleNotFoundError as error:
            if error.name not in LEFT_OUT:
                raise


_load_everything()
sources = {str(module.__file__) for module in sys.modules.values() if getattr(module, "__file__", None)} - {__file__}
for source in sorted(source for source in sources if source.endswith(".py")):
    if not Path(importlib.util.cache_from_source(source)).exists():
        py_compile.compile(source, doraise=True, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
