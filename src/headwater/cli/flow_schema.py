"""`headwater flows schema`: the JSON Schema of flow files, for an editor."""

from __future__ import annotations

import orjson
import typer

from headwater.flows.reading.schema import schema

app = typer.Typer()


@app.command("schema")
def show() -> None:
    """The JSON Schema of a flow.yaml, for editors: headwater flows schema > flow.schema.json"""
    typer.echo(orjson.dumps(schema(), option=orjson.OPT_INDENT_2).decode())
