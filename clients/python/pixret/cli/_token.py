"""``pixret token``: who may use a scoring service."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from pixret.cli._console import messages, results

token = typer.Typer(name="token", help="Tokens for those who use a scoring service.", no_args_is_help=True)


@token.command()
def new(
    name: Annotated[str, typer.Option(help="Whose it is; tokens of one name share their sessions.")],
    role: Annotated[Literal["read", "submit", "admin"], typer.Option(help="What it allows.")] = "submit",
    file: Annotated[Path, typer.Option(help="Token file of the server; made when there is none.")] = Path(
        "tokens.toml"
    ),
    days: Annotated[float | None, typer.Option(min=0.01, help="Days until it expires; by default it does not.")] = None,
) -> None:
    """Make a token and print it, once: the file keeps only its hash. A running server takes it at once."""
    from pixret.service import new_token

    results.print(new_token(file, name, role, days), markup=False)
    messages.print(f"added to {file} for {name} ({role}); it cannot be shown again", markup=False)


@token.callback()
def _group() -> None:
    """Keep `new` a subcommand, though it is the only one."""
