"""A wrong or missing setting is one clear error that names it; every setting is documented."""

from __future__ import annotations

from pathlib import Path

import pytest

from headwater.core import settings

SECRET = "x" * 32
DOCUMENT = (Path(__file__).parents[2] / "docs" / "settings.md").read_text()


def read(tmp_path: Path, **environment: str) -> settings.Settings:
    return settings.read({"HEADWATER_DATA_DIR": str(tmp_path), "HEADWATER_SECRET_KEY": SECRET, **environment})


def test_nothing_is_needed_on_one_machine(tmp_path: Path) -> None:
    found = settings.read({"HEADWATER_DATA_DIR": str(tmp_path)})
    assert found.embedded
    assert found.smtp_url == "smtp://127.0.0.1:8125"
    assert settings.read({"HEADWATER_DATA_DIR": str(tmp_path)}).secret_key == found.secret_key
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HEADWATER_WEB_PORT", "eighty"),
        ("HEADWATER_WEB_PORT", "70000"),
        ("HEADWATER_CLOCK", "fast"),
        ("HEADWATER_SMTP_URL", "http://mail.example"),
        ("HEADWATER_BASE_URL", "shop.example"),
        ("DATABASE_URL", "mysql://localhost/x"),
        ("HEADWATER_SECRET_KEY", "short"),
        ("HEADWATER_WORKER_PROCESES", "2"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(settings.SettingError, match=name):
        read(tmp_path, **{name: value})


def test_an_own_database_needs_a_shared_secret(tmp_path: Path) -> None:
    with pytest.raises(settings.SettingError, match="HEADWATER_SECRET_KEY is required"):
        settings.read({"HEADWATER_DATA_DIR": str(tmp_path), "DATABASE_URL": "postgresql://localhost/headwater"})


def test_every_setting_is_documented() -> None:
    documented = {line.split("`")[1] for line in DOCUMENT.splitlines() if line.startswith("| `")}
    assert documented == settings._KNOWN | {"DATABASE_URL"}
