"""
Database servers for tests, benchmarks and torture: real ones, in a folder of their own, with their default durability.

They listen on loopback only, and end with the block. Debian's packages are ``postgresql`` and ``mariadb-server``.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import NullPool, create_engine

from podium.backends.sql.tables import meta, metadata, schema_version
from podium.model.errors import PodiumError

#: How long a server may take to begin and to end, in seconds.
_PATIENCE_S = 60


class ServerMissing(PodiumError):
    """The database server is not installed on this machine."""


class DatabaseServer(ABC):
    """
    A server that runs.

    Attributes:
        port: Where it listens, on 127.0.0.1.
    """

    _stop_signal = signal.SIGTERM
    _kill_signal = signal.SIGKILL

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count(1)
        self._process: subprocess.Popen[bytes] | None = None
        self.port = _free_port()

    def url(self) -> str:
        """Return the URL of a new, empty database; with PostgreSQL a schema, which is made a hundred times faster."""
        name = f"podium_{next(self._numbers)}"
        self._make_database(name)
        return self._url_of(name)

    def start(self) -> None:
        """Start it, and wait until it answers; also again after `stop` or `kill`, on the same port and data."""
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(self._command(), stdout=log, stderr=log, **self._run_as())
        self._await()

    def revive(self) -> None:
        """Wait until it answers, and start it again if it has ended by itself: for want of room, for instance."""
        assert self._process is not None
        try:
            self._await()
        except PodiumError:
            if self._process.poll() is None:
                raise
            self.start()

    def _await(self) -> None:
        assert self._process is not None
        deadline = time.monotonic() + _PATIENCE_S
        while True:
            try:
                self._connect().close()
            except Exception as error:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    text = (self._folder / "log").read_text(errors="replace")[-2000:]
                    raise PodiumError(f"the server did not start: {error}\n{text}") from error
                time.sleep(0.05)
            else:
                return

    def stop(self) -> None:
        """Stop it as an operator would: connections are cut, nothing that was committed is lost."""
        self._end(self._stop_signal)

    def kill(self) -> None:
        """End it at once, with nothing tidied up, as a crash would."""
        self._end(self._kill_signal)

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(how)
            process.wait(_PATIENCE_S)

    @abstractmethod
    def initialise(self) -> None:
        """Make the files of an empty server."""

    @abstractmethod
    def cut_connections(self) -> int:
        """End all connections to the server but the asking one, and return how many there were."""

    @abstractmethod
    def set_read_only(self, *, is_on: bool) -> None:
        """Refuse all writes of others, or take them again."""

    @abstractmethod
    def _command(self) -> Sequence[str]: ...

    @abstractmethod
    def _connect(self) -> Any: ...

    @abstractmethod
    def _make_database(self, name: str) -> None: ...

    @abstractmethod
    def _url_of(self, name: str) -> str: ...

    def _run_as(self) -> dict[str, Any]:
        return {}


class PostgresqlServer(DatabaseServer):
    """A PostgreSQL server."""

    _stop_signal = signal.SIGINT
    #: SIGKILL would leave its other processes for a while.
    _kill_signal = signal.SIGQUIT

    def initialise(self) -> None:
        """Make the files of an empty server."""
        data = self._folder / "data"
        if user := self._run_as():
            shutil.chown(self._folder, user["user"], user["group"])
        command = (_program("initdb"), "-D", str(data), "-U", "podium", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
        subprocess.run(command, check=True, capture_output=True, **self._run_as())

    def _command(self) -> Sequence[str]:
        settings = {"listen_addresses": "127.0.0.1", "unix_socket_directories": str(self._folder), "port": self.port}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return (_program("postgres"), "-D", str(self._folder / "data"), *options)

    def _run_as(self) -> dict[str, Any]:
        # PostgreSQL refuses to run as root; Debian's package makes a user for it.
        if os.geteuid() != 0:
            return {}
        entry = pwd.getpwnam("postgres")
        return {"user": entry.pw_uid, "group": entry.pw_gid, "cwd": "/"}

    def _connect(self) -> Any:
        import psycopg

        place = f"host=127.0.0.1 port={self.port} user=podium dbname=postgres connect_timeout=5"
        return psycopg.connect(place, autocommit=True)

    def _make_database(self, name: str) -> None:
        with self._connect() as connection:
            connection.execute(f"CREATE SCHEMA {name}")

    def _url_of(self, name: str) -> str:
        return f"postgresql+psycopg://podium@127.0.0.1:{self.port}/postgres?options=-csearch_path%3D{name}"

    def cut_connections(self) -> int:
        """End all connections to the server but the asking one, and return how many there were."""
        with self._connect() as connection:
            rows = connection.execute(
                "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
                " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
            ).fetchall()
        return len(rows)

    def set_read_only(self, *, is_on: bool) -> None:
        """Refuse all writes of others, or take them again; a transaction that is open may go on."""
        with self._connect() as connection:
            connection.execute("SET default_transaction_read_only = off")
            connection.execute(f"ALTER SYSTEM SET default_transaction_read_only = {'on' if is_on else 'off'}")
            connection.execute("SELECT pg_reload_conf()")
        # The server tells the connections that are there before it begins a new one.
        while not self._has_read_only(is_on):
            pass

    def _has_read_only(self, is_on: bool) -> bool:
        with self._connect() as connection:
            (setting,) = connection.execute("SHOW default_transaction_read_only").fetchone()
        return bool(setting == ("on" if is_on else "off"))


class MariadbServer(DatabaseServer):
    """A MariaDB server."""

    def initialise(self) -> None:
        """Make the files of an empty server."""
        command = (
            _program("mariadb-install-db"),
            "--no-defaults",
            f"--datadir={self._folder / 'data'}",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
            *self._user(),
        )
        subprocess.run(command, check=True, capture_output=True)

    def _command(self) -> Sequence[str]:
        return (
            _program("mariadbd"),
            "--no-defaults",
            f"--datadir={self._folder / 'data'}",
            f"--port={self.port}",
            "--bind-address=127.0.0.1",
            f"--socket={self._folder / 'socket'}",
            f"--pid-file={self._folder / 'pid'}",
            *self._user(),
        )

    def _user(self) -> Sequence[str]:
        return ("--user=root",) if os.geteuid() == 0 else ()

    def _connect(self) -> Any:
        import pymysql

        # Not by the socket file: PyMySQL forgets to close a connection to one that is not there yet.
        return pymysql.connect(host="127.0.0.1", port=self.port, user="root", autocommit=True)

    def _make_database(self, name: str) -> None:
        with self._connect() as connection, connection.cursor() as cursor:
            cursor.execute("CREATE USER IF NOT EXISTS 'podium'@'localhost' IDENTIFIED BY 'podium'")
            cursor.execute(f"CREATE DATABASE {name}")
            cursor.execute(f"GRANT ALL ON {name}.* TO 'podium'@'localhost'")

    def _url_of(self, name: str) -> str:
        return f"mysql+pymysql://podium:podium@127.0.0.1:{self.port}/{name}"

    def cut_connections(self) -> int:
        """End all connections to the server but the asking one, and return how many there were."""
        with self._connect() as connection, connection.cursor() as cursor:
            cursor.execute("SELECT id FROM information_schema.processlist WHERE user = 'podium'")
            ids = [number for (number,) in cursor.fetchall()]
            for number in ids:
                with suppress(Exception):  # it may have ended by itself
                    cursor.execute(f"KILL {number}")
        return len(ids)

    def set_read_only(self, *, is_on: bool) -> None:
        """Refuse all writes of others, or take them again."""
        with self._connect() as connection, connection.cursor() as cursor:
            cursor.execute(f"SET GLOBAL read_only = {int(is_on)}")


class _Kind(Protocol):
    def __call__(self, folder: Path) -> DatabaseServer: ...


_KINDS: dict[str, _Kind] = {"postgresql": PostgresqlServer, "mariadb": MariadbServer}


@contextmanager
def database_server(kind: str, place: Path | None = None) -> Iterator[DatabaseServer]:
    """
    Run a database server for a block.

    Args:
        kind: ``postgresql`` or ``mariadb``.
        place: The folder to put its files in; by default that for temporary files.

    Raises:
        ServerMissing: It is not installed.

    Example:
        >>> with database_server("postgresql") as server:  # doctest: +SKIP
        ...     client = podium.connect(server.url())
    """
    folder = Path(tempfile.mkdtemp(prefix=f"podium-{kind}-", dir=place))
    server = _KINDS[kind](folder)
    try:
        server.initialise()
        server.start()
        yield server
    finally:
        server.kill()
        shutil.rmtree(folder, ignore_errors=True)


def empty(url: str) -> None:
    """Remove all that a store holds but its schema: MariaDB takes seconds to make tables, and no time to empty them."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        for table in metadata.sorted_tables:
            if table is not schema_version:
                connection.execute(table.delete())
        connection.execute(meta.insert().values(name="registry", value=0))


def _program(name: str) -> str:
    """Find a program; Debian keeps those of PostgreSQL by version, and servers where only root looks."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    path = os.pathsep.join([*map(str, places), os.environ.get("PATH", ""), "/usr/sbin"])
    found = shutil.which(name, path=path)
    if found is None:
        raise ServerMissing(f"{name} is not installed; on Debian: apt install postgresql mariadb-server")
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
