"""The commands of whoever runs an instance: clock, keys, people who log in, and one clear line for a mistake."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.contrib.auth.hashers import check_password
from psycopg import Connection
from typer import Typer
from typer.testing import CliRunner, Result

from headwater.accounts import brand, keys
from headwater.cli import brand_settings, up, webhooks
from headwater.cli import clock as clock_command
from headwater.cli import keys as keys_command
from headwater.cli import users as users_command
from headwater.core import clock, database
from headwater.flows.calls.signing import signing_secret


def run(app: Typer, *arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


@pytest.fixture
def _clock_as_it_was(conn: Connection) -> object:
    """Other tests stand on the wall clock."""
    yield
    conn.execute("DELETE FROM instance_clock")
    conn.commit()
    clock._read_at = -1.0
    clock._row = None


@pytest.mark.usefixtures("_clock_as_it_was")
def test_the_clock_is_set_stopped_and_advanced(conn: Connection) -> None:
    assert run(clock_command.app, "set", "2018-01-01T12:00:00+02:00").exit_code == 0
    assert run(clock_command.app, "speed", "0").exit_code == 0
    stopped = clock.now(conn)
    assert abs(stopped - datetime(2018, 1, 1, 10, tzinfo=UTC)) < timedelta(seconds=30)
    assert run(clock_command.app, "advance", "1d 2h").exit_code == 0
    assert clock.now(conn) - stopped == timedelta(days=1, hours=2)
    assert "at speed 0" in run(clock_command.app, "show").stdout


@pytest.mark.usefixtures("_clock_as_it_was")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("advance", "tomorrow"), "is not a span"),
        (("advance", "2d and a bit"), "is not a span"),
        (("set", "noon"), "is not an ISO 8601 time"),
        (("speed", "1000000"), "from 0 to 100000"),
    ],
)
def test_nonsense_leaves_the_clock_alone(conn: Connection, arguments: tuple[str, ...], words: str) -> None:
    before = clock.read(conn)
    answer = run(clock_command.app, *arguments)
    assert answer.exit_code == 2
    assert words in answer.output.replace("\n", " ")
    conn.rollback()
    assert clock.read(conn) == before


def test_a_key_is_made_shown_and_revoked(conn: Connection, workspace: int) -> None:
    row = conn.execute("SELECT slug FROM workspace WHERE id = %s", (workspace,)).fetchone()
    assert row
    made = run(keys_command.app, "create", "private", "--name", "server", "--brand", row[0]).stdout.strip()
    assert keys.find(conn, made) == keys.KeyHolder(workspace, "private")
    listed = run(keys_command.app, "list", "--brand", row[0]).stdout
    assert "server" in listed
    assert made not in listed, "a private key is shown once"
    key_id = keys.of_workspace(conn, workspace)[0].id
    assert run(keys_command.app, "revoke", str(key_id), "--brand", row[0]).exit_code == 0
    conn.rollback()
    assert keys.find(conn, made) is None


def slug_of(conn: Connection, workspace: int) -> str:
    row = conn.execute("SELECT slug FROM workspace WHERE id = %s", (workspace,)).fetchone()
    assert row
    return str(row[0])


def test_a_brand_is_given_a_sender_and_keeps_the_rest(conn: Connection, workspace: int) -> None:
    named = ("--brand", slug_of(conn, workspace))

    done = run(brand_settings.app, "set", "--from-email", "shop@juniper.example", "--from-name", "Juniper [EU]", *named)

    assert done.exit_code == 0
    shown = run(brand_settings.app, "show", *named).stdout
    assert "shop@juniper.example" in shown
    assert "Juniper [EU]" in shown
    assert "1 Main St, Springfield" in shown
    conn.rollback()
    found = brand.load(conn, workspace)
    assert (found.from_email, found.from_name) == ("shop@juniper.example", "Juniper [EU]")
    assert found.postal_address == "1 Main St, Springfield"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (("--from-email", "nobody"), "not an email address"),
        (("--website-url", "juniper.example"), "website-url"),
        ((), "Say what to set"),
    ],
)
def test_what_no_brand_may_be_called_changes_nothing(
    conn: Connection, workspace: int, given: tuple[str, ...], words: str
) -> None:
    before = brand.load(conn, workspace)
    answer = run(brand_settings.app, "set", *given, "--brand", slug_of(conn, workspace))
    assert answer.exit_code == 2
    assert words in " ".join(answer.output.split())
    conn.rollback()
    assert brand.load(conn, workspace) == before


def test_up_tells_how_to_set_a_sender_until_there_is_one(conn: Connection, workspace: int) -> None:
    told = up._sender_is_missing()
    assert told == [], "some brand of the tests has one"
    with database.transaction() as other:
        other.execute("UPDATE workspace SET from_email = ''")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(up.database, "transaction", lambda: nullcontext(other))
            told = up._sender_is_missing()
        other.rollback()
    assert "headwater brand set --from-email" in told[0][1]


def test_the_secret_of_webhooks_is_the_one_that_they_are_signed_with(conn: Connection, workspace: int) -> None:
    printed = run(webhooks.app, "secret", "--brand", slug_of(conn, workspace)).stdout.strip()
    assert printed == signing_secret(workspace)


def test_people_get_in_with_the_password_that_was_printed(conn: Connection) -> None:
    email = f"{os.getpid()}@people.example"
    first = run(users_command.app, "add", email).stdout.strip()
    second = run(users_command.app, "reset-password", email).stdout.strip()
    row = conn.execute("SELECT password FROM app_user WHERE email = %s", (email,)).fetchone()
    assert row
    assert first != second
    assert check_password(second, row[0])
    assert run(users_command.app, "add", email).exit_code == 2
    assert run(users_command.app, "reset-password", "nobody@people.example").exit_code == 2


@pytest.mark.parametrize(
    ("setting", "value"), [("HEADWATER_WEB_PORT", "http"), ("HEADWATER_SMPT_URL", "smtp://x"), ("DATABASE_URL", "x")]
)
def test_a_wrong_setting_is_one_line_and_no_traceback(tmp_path: Path, setting: str, value: str) -> None:
    environment = {name: told for name, told in os.environ.items() if not name.startswith("HEADWATER_")}
    done = subprocess.run(
        [sys.executable, "-m", "headwater", "up"],
        env={**environment, "HEADWATER_DATA_DIR": str(tmp_path), setting: value},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert setting in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
