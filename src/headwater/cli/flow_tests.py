"""`headwater flows test`: a flow's own tests, from its file, on the engine that runs the flow. Needs no database."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from headwater.cli import flow_refusals
from headwater.content.errors import TemplateError
from headwater.flows.editing import flow_emails
from headwater.flows.errors import FlowError
from headwater.flows.reading import parse
from headwater.flows.trials import email_coupons
from headwater.flows.trials.file_tests import Result, run_tests
from headwater.segments.language import DefinitionError

app = typer.Typer()
_out = Console(highlight=False, soft_wrap=True)
_LOOKS = {"-": "red", "+": "green", "?": "dim", " ": ""}


@app.command()
def test(
    paths: Annotated[list[Path], typer.Argument(help="Folders with a flow.yaml, or such files.", show_default=False)],
) -> None:
    """Run the tests in flow files. Ends with 1 if one of them fails."""
    failed = 0
    for path in paths:
        try:
            slug, results = _run(path)
        except (FlowError, DefinitionError, TemplateError, OSError) as error:
            flow_refusals.tell(error, f"{path}: ")
            failed += 1
            continue
        _out.print(f"[bold]{escape(slug)}[/]{'' if results else '  has no tests'}")
        for result in results:
            _tell(result)
        failed += sum(not result.passed for result in results)
    if failed:
        raise typer.Exit(1)


def _run(path: Path) -> tuple[str, list[Result]]:
    file = flow_emails.file_of(path)
    definition = parse(flow_emails.read(file), slug=file.parent.name)
    return definition.slug, run_tests(definition, email_coupons.of_folder(file.parent, definition))


def _tell(result: Result) -> None:
    _out.print(f"  [green]✓[/] {escape(result.name)}" if result.passed else f"  [red]✗ {escape(result.name)}[/]")
    for line in result.difference:
        look = _LOOKS[line[0]]
        _out.print(f"      [{look}]{escape(line)}[/]" if look else f"      {escape(line)}")
