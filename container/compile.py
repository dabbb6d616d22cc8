"""Writes the bytecode of all modules that pixret loads, and of no other, so that commands start at once.

By hash and not by time, so that two builds give the same bytes.
"""

import importlib
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
environment = Path(sys.prefix)
for source in sorted({str(module.__file__) for module in sys.modules.values() if getattr(module, "__file__", None)}):
    if source.endswith(".py") and environment in Path(source).parents:
        py_compile.compile(source, doraise=True, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
