"""Builds the compiled kernel of the metric core into the wheel, where there is a C compiler.

Without one, the wheel is pure Python and gives the same numbers, more slowly. `PIXRET_REQUIRE_KERNEL=1` makes a
missing compiler an error.
"""

import os
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from setuptools import Distribution, Extension
from setuptools.command.build_ext import build_ext

_PORTION = "metrics"
_SOURCES = "metrics/pixret/metrics/*.c"
# Fused multiply-adds would change the last bit of an AP on machines that have them.
_FLAGS = {"unix": ["-O3", "-ffp-contract=off"], "msvc": ["/O2", "/fp:precise"]}


class _Build(build_ext):
    def build_extension(self, ext: Extension) -> None:
        ext.extra_compile_args = _FLAGS.get(self.compiler.compiler_type, [])
        super().build_extension(ext)


class KernelHook(BuildHookInterface):  # type: ignore[type-arg]
    """Compiles the kernel beside its source, which is also where an editable install looks for it."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002, the interface's
        """Build, and say that the wheel holds machine code for every Python since 3.11."""
        try:
            library = _compile(Path(self.root))
        except Exception as error:
            if os.environ.get("PIXRET_REQUIRE_KERNEL") == "1":
                raise
            self.app.display_warning(f"building without the compiled kernel, which is slower: {error}")
            return
        platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
        build_data["artifacts"].append(library)
        build_data["pure_python"] = False
        build_data["tag"] = f"cp311-abi3-{platform}"


def _compile(root: Path) -> str:
    """Compile in place; the library's path below `root`."""
    extension = Extension("pixret.metrics._kernel", sorted(map(str, root.glob(_SOURCES))), py_limited_api=True)
    command = _Build(Distribution({"ext_modules": [extension]}))
    command.build_lib = str(root / _PORTION)
    command.force = True  # what an earlier build left behind says nothing about this compiler
    command.ensure_finalized()
    with tempfile.TemporaryDirectory() as objects:
        command.build_temp = objects
        command.run()
    return str(Path(command.get_ext_fullpath(extension.name)).relative_to(root).as_posix())
