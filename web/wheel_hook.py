"""Puts the built app into the wheel."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class AppHook(BuildHookInterface):  # type: ignore[misc]
    """Builds `web/` before the wheel takes the files of the package. An editable install takes them as they lie."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        spec = importlib.util.spec_from_file_location("build_app", Path(self.root) / "web" / "build.py")
        assert spec is not None
        assert spec.loader is not None
        build_app = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(build_app)
        build_app.build()
