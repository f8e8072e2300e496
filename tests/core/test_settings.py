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
        ("HEADWATER_ACCOUNT_MAIL_FROM", "nobody"),
        ("HEADWATER_ACCOUNT_MAIL_FROM", "me@shop.example\nBcc: you@shop.example"),
        ("HEADWATER_TRUSTED_PROXIES", "many"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(settings.SettingError, match=name):
        read(tmp_path, **{name: value})


def test_an_own_database_needs_a_shared_secret(tmp_path: Path) -> None:
    with pytest.raises(settings.SettingError, match="HEADWATER_SECRET_KEY is required"):
        settings.read({"HEADWATER_DATA_DIR": str(tmp_path), "DATABASE_URL": "postgresql://localhost/headwater"})


@pytest.mark.parametrize(
    ("base_url", "sender"),
    [
        ("https://mail.shop.example", "Headwater <no-reply@mail.shop.example>"),
        ("http://localhost:8100", "Headwater <no-reply@headwater.local>"),
        ("http://192.0.2.7:8100", "Headwater <no-reply@headwater.local>"),
    ],
)
def test_account_mail_comes_from_the_instances_host(tmp_path: Path, base_url: str, sender: str) -> None:
    assert read(tmp_path, HEADWATER_BASE_URL=base_url).account_mail_from == sender
    own = read(tmp_path, HEADWATER_BASE_URL=base_url, HEADWATER_ACCOUNT_MAIL_FROM="Juniper <hi@juniper.example>")
    assert own.account_mail_from == "Juniper <hi@juniper.example>"


@pytest.mark.parametrize(
    ("smtp_url", "page"),
    [(None, "http://localhost:8126/"), ("smtp://localhost:25", None), ("smtp://mail.example:8125", None)],
)
def test_the_mailbox_has_a_page_where_mail_goes_there(tmp_path: Path, smtp_url: str | None, page: str | None) -> None:
    given = {"HEADWATER_SMTP_URL": smtp_url} if smtp_url else {}
    assert read(tmp_path, **given).mailbox_url == page


def test_every_setting_is_documented() -> None:
    documented = {line.split("`")[1] for line in DOCUMENT.splitlines() if line.startswith("| `")}
    assert documented == settings._KNOWN | {"DATABASE_URL"}
