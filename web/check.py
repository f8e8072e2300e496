"""Everything that must hold of the app's sources: types, lint, unit tests, and API types that are not stale."""

from __future__ import annotations

import sys

import api
import build

_CHECKS = (
    ("types", ("typescript/bin/tsc", "--noEmit")),
    ("lint", ("oxlint/bin/oxlint", "--deny-warnings", "src")),
    ("unit tests", ("vitest/vitest.mjs", "run", "--reporter", "dot")),
)


def main() -> None:
    node = build.node()
    build.install(node)
    if api.types() != api.TYPES.read_text():
        sys.exit("web/src/api/schema.d.ts is stale: the API has changed. Run: .venv/bin/python web/api.py")
    for name, (script, *arguments) in _CHECKS:
        build.run([*node, str(build.WEB / "node_modules" / script), *arguments])
        print(f"web: {name} hold")


if __name__ == "__main__":
    try:
        main()
    except build.BuildFailed as error:
        sys.exit(f"headwater: {error}")
