"""Django's settings, derived from `core.settings`. Django serves accounts, sessions, migrations and the API."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from psycopg.conninfo import conninfo_to_dict

from headwater.core import database, settings

_current = settings.current()
_connection = conninfo_to_dict(database.url())

SECRET_KEY = _current.secret_key
DEBUG = _current.debug
ALLOWED_HOSTS = ["*"] if urlsplit(_current.base_url).hostname in ("localhost", "127.0.0.1") else [
    urlsplit(_current.base_url).hostname or "", "localhost", "127.0.0.1",
]  # fmt: skip
CSRF_TRUSTED_ORIGINS = ["{0.scheme}://{0.netloc}".format(urlsplit(_current.base_url))]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "ninja",
    "headwater.core",
    "headwater.accounts",
    "headwater.audience",
    "headwater.events",
    "headwater.segments",
    "headwater.catalog",
    "headwater.content",
    "headwater.delivery",
    "headwater.flows",
    "headwater.campaigns",
    "headwater.api",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "headwater.api.errors.json_errors",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "headwater.api.urls"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
            ]
        },
    }
]
DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": _connection.pop("dbname", "headwater"),
        "USER": _connection.pop("user", ""),
        "PASSWORD": _connection.pop("password", ""),
        "HOST": _connection.pop("host", ""),
        "PORT": str(_connection.pop("port", "")),
        "OPTIONS": dict(_connection),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
}
AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}}
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "/static/"
LOGIN_URL = "/login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/login"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _current.base_url.startswith("https://")
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 25 * 1024 * 1024
LOGGING_CONFIG = None
