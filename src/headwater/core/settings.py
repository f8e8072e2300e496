"""Settings: the one place that reads the environment.

Every setting is a field of `Settings`, documented in docs/settings.md. A wrong or missing one raises
`SettingError`, whose message names the variable and says what to do. Knows nothing of Django or the database.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit


class SettingError(Exception):
    """A setting is wrong or missing; the message names it and says what to do."""


@dataclass(frozen=True)
class Settings:
    data_dir: Path
    database_url: str | None
    """None: run the embedded PostgreSQL under `data_dir`."""
    secret_key: str
    base_url: str
    """Public address of the web process, without a trailing slash: links in emails start with it."""
    web_host: str
    web_port: int
    web_processes: int
    worker_processes: int
    mailbox_host: str
    mailbox_smtp_port: int
    mailbox_web_port: int
    smtp_url: str
    """smtp://user:password@host:port (STARTTLS when offered), smtp+starttls:// (required), smtps:// (implicit TLS)."""
    smtp_connections: int
    """Connections a worker process keeps open to the SMTP server."""
    bounce_address: str | None
    """Envelope sender; None: the message's own From address."""
    account_mail_from: str
    """From whom people get the emails about their account: invitations, new passwords."""
    trusted_proxies: int
    """How many proxies of yours stand before the web process: so many entries of X-Forwarded-For are believed."""
    webhooks_private: bool
    """Whether the webhooks of flows may call private addresses."""
    clock: str
    """'real', or 'movable': an instance whose clock tests and demos may set, advance and speed up."""
    log_level: str
    debug: bool

    @property
    def embedded(self) -> bool:
        return self.database_url is None

    @property
    def mailbox_url(self) -> str | None:
        """The page of the local mailbox, if that is where mail goes."""
        target = urlsplit(self.smtp_url)
        if target.port != self.mailbox_smtp_port or target.hostname not in ("127.0.0.1", "localhost", "::1"):
            return None
        host = "localhost" if self.mailbox_host in ("127.0.0.1", "0.0.0.0") else self.mailbox_host  # noqa: S104
        return f"http://{host}:{self.mailbox_web_port}/"


def _integer(env: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    raw = env.get(name, "").strip()
    if not raw:
        return default
    try:
        value = int(raw)
    except ValueError:
        raise SettingError(f"{name} must be a whole number, not {raw!r}.") from None
    if not low <= value <= high:
        raise SettingError(f"{name} must be from {low} to {high}, not {value}.")
    return value


def _choice(env: Mapping[str, str], name: str, default: str, allowed: tuple[str, ...]) -> str:
    value = env.get(name, "").strip().lower() or default
    if value not in allowed:
        raise SettingError(f"{name} must be one of {', '.join(allowed)}, not {value!r}.")
    return value


def _url(env: Mapping[str, str], name: str, default: str | None, schemes: tuple[str, ...]) -> str | None:
    value = env.get(name, "").strip() or default
    if value is None:
        return None
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError as error:
        raise SettingError(f"{name} is not a valid URL: {error}.") from None
    if parts.scheme not in schemes or not (parts.hostname or parts.scheme.startswith("postgres")):
        raise SettingError(f"{name} must look like {schemes[0]}://host, with a scheme of {', '.join(schemes)}.")
    return value.rstrip("/")


def default_data_dir(env: Mapping[str, str]) -> Path:
    """/var/lib/headwater for root, else $XDG_DATA_HOME/headwater or ~/.local/share/headwater."""
    if os.geteuid() == 0:
        return Path("/var/lib/headwater")
    base = env.get("XDG_DATA_HOME") or str(Path(env.get("HOME") or "~").expanduser() / ".local/share")
    return Path(base) / "headwater"


def _secret_key(env: Mapping[str, str], data_dir: Path, embedded: bool) -> str:
    """The key that signs links and sessions: from the environment, else made once and kept in the data directory."""
    value = env.get("HEADWATER_SECRET_KEY", "").strip()
    if value:
        if len(value) < 32:
            raise SettingError("HEADWATER_SECRET_KEY must be at least 32 characters long.")
        return value
    if not embedded:
        raise SettingError(
            "HEADWATER_SECRET_KEY is required with DATABASE_URL: every machine must sign links with the same key. "
            "Make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"
        )
    path = data_dir / "secret_key"
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            fresh = path.with_suffix(f".{os.getpid()}")
            fresh.touch(mode=0o600)
            fresh.write_text(secrets.token_urlsafe(48))
            try:
                os.link(fresh, path)
            except FileExistsError:
                pass
            finally:
                fresh.unlink()
        return path.read_text().strip()
    except OSError as error:
        raise SettingError(f"HEADWATER_DATA_DIR: cannot use {data_dir}: {error.strerror}.") from None


def _account_mail_from(env: Mapping[str, str], base_url: str) -> str:
    """As given, or no-reply at the host of the base URL; a host without a dot (localhost) is no mail domain."""
    value = env.get("HEADWATER_ACCOUNT_MAIL_FROM", "").strip()
    if value:
        if "\n" in value or not re.search(r"[^@\s<]@[^@\s>]", value):
            raise SettingError(f"HEADWATER_ACCOUNT_MAIL_FROM must be an email address, not {value!r}.")
        return value
    host = urlsplit(base_url).hostname or ""
    return f"Headwater <no-reply@{host if '.' in host and not host.replace('.', '').isdigit() else 'headwater.local'}>"


_KNOWN = {
    "HEADWATER_DATA_DIR", "HEADWATER_SECRET_KEY", "HEADWATER_BASE_URL", "HEADWATER_WEB_HOST", "HEADWATER_WEB_PORT",
    "HEADWATER_WEB_PROCESSES", "HEADWATER_WORKER_PROCESSES", "HEADWATER_MAILBOX_HOST", "HEADWATER_MAILBOX_SMTP_PORT",
    "HEADWATER_MAILBOX_WEB_PORT", "HEADWATER_SMTP_URL", "HEADWATER_SMTP_CONNECTIONS", "HEADWATER_BOUNCE_ADDRESS",
    "HEADWATER_ACCOUNT_MAIL_FROM", "HEADWATER_TRUSTED_PROXIES", "HEADWATER_WEBHOOKS_PRIVATE", "HEADWATER_CLOCK",
    "HEADWATER_LOG_LEVEL", "HEADWATER_DEBUG", "HEADWATER_VENV",
}  # fmt: skip


def read(env: Mapping[str, str]) -> Settings:
    """The settings that `env` describes. Raises SettingError."""
    unknown = sorted(name for name in env if name.startswith("HEADWATER_") and name not in _KNOWN)
    if unknown:
        raise SettingError(f"Unknown setting {unknown[0]}. docs/settings.md lists them all.")
    raw_dir = env.get("HEADWATER_DATA_DIR", "").strip()
    data_dir = Path(raw_dir).expanduser() if raw_dir else default_data_dir(env)
    if not data_dir.is_absolute():
        data_dir = Path.cwd() / data_dir
    database_url = _url(env, "DATABASE_URL", None, ("postgresql", "postgres"))
    web_host = env.get("HEADWATER_WEB_HOST", "").strip() or "127.0.0.1"
    web_port = _integer(env, "HEADWATER_WEB_PORT", 8100, 1, 65535)
    mailbox_smtp_port = _integer(env, "HEADWATER_MAILBOX_SMTP_PORT", 8125, 1, 65535)
    cores = os.cpu_count() or 1
    base_url = _url(env, "HEADWATER_BASE_URL", f"http://localhost:{web_port}", ("https", "http"))
    smtp_url = _url(
        env, "HEADWATER_SMTP_URL", f"smtp://127.0.0.1:{mailbox_smtp_port}", ("smtp", "smtp+starttls", "smtps")
    )
    assert base_url is not None
    assert smtp_url is not None
    return Settings(
        data_dir=data_dir,
        database_url=database_url,
        secret_key=_secret_key(env, data_dir, database_url is None),
        base_url=base_url,
        web_host=web_host,
        web_port=web_port,
        web_processes=_integer(env, "HEADWATER_WEB_PROCESSES", 1, 1, 64),
        worker_processes=_integer(env, "HEADWATER_WORKER_PROCESSES", min(cores, 4), 1, 64),
        mailbox_host=env.get("HEADWATER_MAILBOX_HOST", "").strip() or "127.0.0.1",
        mailbox_smtp_port=mailbox_smtp_port,
        mailbox_web_port=_integer(env, "HEADWATER_MAILBOX_WEB_PORT", 8126, 1, 65535),
        smtp_url=smtp_url,
        smtp_connections=_integer(env, "HEADWATER_SMTP_CONNECTIONS", 8, 1, 200),
        bounce_address=env.get("HEADWATER_BOUNCE_ADDRESS", "").strip() or None,
        account_mail_from=_account_mail_from(env, base_url),
        trusted_proxies=_integer(env, "HEADWATER_TRUSTED_PROXIES", 0, 0, 10),
        webhooks_private=_choice(env, "HEADWATER_WEBHOOKS_PRIVATE", "refuse", ("refuse", "allow")) == "allow",
        clock=_choice(env, "HEADWATER_CLOCK", "real", ("real", "movable")),
        log_level=_choice(env, "HEADWATER_LOG_LEVEL", "info", ("debug", "info", "warning", "error")),
        debug=_choice(env, "HEADWATER_DEBUG", "off", ("on", "off")) == "on",
    )


@lru_cache(maxsize=1)
def current() -> Settings:
    """The settings of this process, read once."""
    return read(os.environ)
