"""How much script a page loads: the shell and each builder keep to their budgets, packed as they are sent."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from headwater.api.app_files import BUILT

KB = 1024
SHELL = 200 * KB
BUILDER = 350 * KB
FILES = 16
"""Scripts that a list may load, shell included: a page of many small ones waits for their number, not their size."""
_SHELL = "index.html"
_BUILDERS = (
    "src/screens/flows/builder/FlowBuilder.tsx",
    "src/screens/segments/SegmentBuilder.tsx",
    "src/screens/content/TemplateEditor.tsx",
)
_LISTS = (
    "src/screens/flows/FlowsScreen.tsx",
    "src/screens/campaigns/CampaignsScreen.tsx",
    "src/screens/audience/ProfilesScreen.tsx",
    "src/screens/segments/SegmentsScreen.tsx",
    "src/screens/content/TemplatesScreen.tsx",
)


@pytest.fixture(scope="module")
def manifest(built_app: None) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((BUILT / ".vite" / "manifest.json").read_text())
    return found


def files(manifest: dict[str, Any], *entries: str) -> set[str]:
    """The scripts that these entries load at once."""
    found: set[str] = set()
    waiting = list(entries)
    while waiting:
        chunk = manifest[waiting.pop()]
        if chunk["file"] not in found:
            found.add(chunk["file"])
            waiting += chunk.get("imports", [])
    return found


def packed(names: set[str]) -> int:
    return sum(len(gzip.compress((BUILT / name).read_bytes(), 9)) for name in names if name.endswith(".js"))


def test_the_shell(manifest: dict[str, Any]) -> None:
    assert packed(files(manifest, _SHELL)) <= SHELL


@pytest.mark.parametrize("builder", _BUILDERS)
def test_a_builder_beside_the_shell(manifest: dict[str, Any], builder: str) -> None:
    assert packed(files(manifest, builder) - files(manifest, _SHELL)) <= BUILDER


@pytest.mark.parametrize("screen", _LISTS)
def test_a_list_comes_in_few_files(manifest: dict[str, Any], screen: str) -> None:
    assert len(files(manifest, _SHELL, screen)) <= FILES
