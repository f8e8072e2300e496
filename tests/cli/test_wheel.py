"""The wheel that people install: it brings the built app along, and serves it without a checkout and without Node."""

from __future__ import annotations

import re
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from tests.running_instance import Instance

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    made = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stdout + made.stderr
    return next(folder.glob("*.whl"))


def test_it_holds_the_app_and_all_that_the_package_reads(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "headwater/api/app_built/index.html" in names
    assert any(re.fullmatch(r"headwater/api/app_built/app/index-[\w-]+\.js", name) for name in names)
    package = ROOT / "src" / "headwater"
    kinds = {".py", ".sql", ".yaml", ".mjml", ".html", ".liquid", ".typed"}
    needed = {
        f"headwater/{path.relative_to(package).as_posix()}"
        for path in package.rglob("*")
        if path.suffix in kinds and "app_built" not in path.parts
    }
    assert needed - set(names) == set()
    assert not [name for name in names if "node_modules" in name or name.startswith(("web/", "tests/"))]


def test_it_serves_the_app_where_nothing_else_is(wheel: Path, tmp_path: Path) -> None:
    environment = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(environment)], check=True)
    site = next(environment.glob("lib/python*/site-packages"))
    zipfile.ZipFile(wheel).extractall(site)
    # What it depends on is here already; a path file does not bring the checkout's own along.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    instance = Instance(python=str(environment / "bin" / "python"))
    try:
        status, headers, page = instance.get("/login")
        assert status == 200
        assert "default-src 'self'" in headers["content-security-policy"]
        script = re.search(r'src="(/app/index-[\w-]+\.js)"', page.decode())
        assert script is not None
        status, headers, body = instance.get(script[1])
        assert (status, headers["content-type"]) == (200, "text/javascript; charset=utf-8")
        assert len(body) > 10_000
    finally:
        instance.close()
