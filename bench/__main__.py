"""``python -m bench``: every measurement, side by side in one run; prints the tables of bench/README.md."""

from typing import Annotated

import typer

from bench import clients, memory, preparing, scoring, snapshots, streaming


def main(
    rounds: Annotated[int, typer.Option(min=1, help="Repetitions, of which the fastest counts.")] = 5,
) -> None:
    """Measure scoring, streaming, every client, snapshots and memory at the size of PRParis, and preparing images."""
    scored = (
        scoring.measure(rounds),
        streaming.measure(rounds),
        clients.measure(rounds),
        snapshots.measure(),
        memory.measure(),
    )
    for table in (*scored, preparing.measure(rounds)):
        typer.echo(table)
        typer.echo()


if __name__ == "__main__":
    typer.run(main)
