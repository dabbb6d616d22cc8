"""The command line, `pixret`."""

from pixret.cli._main import app, main

__all__ = ["app", "main"]
