"""Writes src/api/schema.d.ts: the types of the API, from its own OpenAPI description.

./headwater test --version && .venv/bin/python web/api.py
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import build

TYPES = build.WEB / "src" / "api" / "schema.d.ts"


def types() -> str:
    """The types as the API is now. Raises BuildFailed."""
    described = subprocess.run([sys.executable, "-m", "headwater", "openapi"], capture_output=True, text=True)
    if described.returncode != 0:
        raise build.BuildFailed(f"The API could not be described:\n{described.stderr[-4000:]}")
    node = build.node()
    build.install(node)
    with tempfile.TemporaryDirectory() as folder:
        source, made = Path(folder) / "openapi.json", Path(folder) / "schema.d.ts"
        source.write_text(described.stdout)
        script = build.WEB / "node_modules" / "openapi-typescript" / "bin" / "cli.js"
        build.run([*node, str(script), str(source), "--output", str(made), "--alphabetize"])
        return made.read_text()


if __name__ == "__main__":
    try:
        TYPES.write_text(types())
    except build.BuildFailed as error:
        sys.exit(f"headwater: {error}")
