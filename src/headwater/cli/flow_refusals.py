"""What is wrong with a flow, for the terminal: a line for each problem, with its step."""

from __future__ import annotations

import typer

from headwater.flows.errors import problems_of


def tell(error: Exception, about: str = "") -> None:
    """All of it, on the error stream. `about`: the file that is meant, where there are several."""
    for one in problems_of(error):
        where = f"{one.field}: " if one.field else ""
        step = f" (step {one.step})" if one.step else ""
        typer.secho(f"error: {about}{where}{one.detail}{step}", err=True, fg="red")
