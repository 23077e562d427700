"""The schema of a store: made at once or step by step it is the same, on every database, and ``podium db`` says so."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, text
from typer.testing import CliRunner

from podium.backends.loader import open_backend
from podium.backends.sql import migrations
from podium.backends.sql.connecting import server_url
from podium.backends.sql.inspecting import current_revision, differences
from podium.backends.sql.mysql import MysqlDriver
from podium.backends.sql.queries import compile_statements
from podium.backends.sql.schema import COPYING, MAKING
from podium.backends.sql.server import ServerDatabase
from podium.backends.sql.tables import SCHEMA_REVISION
from podium.cli.main import app
from podium.engine.rows import WriteSet
from podium.model.errors import BackendError, StoreUnavailable
from podium.testing.backend_fixtures import a_run
from podium.testing.servers import DatabaseServer


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/podium.db"
    return str(request.getfixturevalue(request.param).url())


def run_on(url: str, command: str) -> None:
    """Run a command on a database."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text(command))


def test_a_new_store_has_the_newest_schema(url: str) -> None:
    """Opening makes it; what is there then is what this version knows."""
    assert current_revision(url) is None
    open_backend(url).close()
    assert current_revision(url) == SCHEMA_REVISION
    assert differences(url) == []


def test_all_steps_lead_to_the_newest_schema(url: str) -> None:
    """From nothing, one migration after the other."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        migrations.upgrade(connection)
    assert current_revision(url) == SCHEMA_REVISION
    assert differences(url) == []


def test_an_older_schema_is_upgraded_when_it_is_opened(url: str) -> None:
    """A store of the revision before is brought up to date by opening it."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        migrations.upgrade(connection, f"{int(SCHEMA_REVISION) - 1:04}")
    open_backend(url).close()
    assert current_revision(url) == SCHEMA_REVISION
    assert differences(url) == []


def test_an_older_store_on_postgresql_gets_room_for_steps(postgresql: DatabaseServer) -> None:
    """The table of runs is half filled, as in a new store, once a store of before is upgraded."""

    def options(url: str) -> list[str]:
        engine = create_engine(url, poolclass=NullPool)
        with engine.begin() as connection:
            found = connection.execute(
                text("SELECT reloptions FROM pg_class WHERE oid = 'runs'::regclass")
            ).scalar_one()
        return list(found or ())

    url = postgresql.url()
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        migrations.upgrade(connection, "0007")
    assert options(url) == []
    open_backend(url).close()
    new = postgresql.url()
    open_backend(new).close()
    assert options(url) == options(new) == ["fillfactor=50"]


def test_a_difference_is_named(url: str) -> None:
    """A column that somebody added is found."""
    open_backend(url).close()
    run_on(url, "ALTER TABLE runs ADD COLUMN colour INTEGER")
    assert differences(url) == ["column colour of runs is there, and this version does not know it"]


def test_a_table_of_sqlite_alone_is_missed(tmp_path: Path) -> None:
    """What only a file has belongs to the schema of a file."""
    url = f"sqlite:///{tmp_path}/podium.db"
    open_backend(url).close()
    run_on(url, "DROP TABLE payloads")
    (line,) = differences(url)
    assert "payloads" in line


def test_the_command_shows_upgrades_and_compares(url: str) -> None:
    """``podium db current``, ``upgrade`` and ``check``."""
    call = CliRunner().invoke
    assert "none" in call(app, ["db", "current", "--db", url]).output
    assert SCHEMA_REVISION in call(app, ["db", "upgrade", "--db", url]).output
    assert call(app, ["db", "check", "--db", url]).exit_code == 0
    run_on(url, "DROP INDEX runs_by_age" + ("" if "mysql" not in url else " ON runs"))
    found = call(app, ["db", "check", "--db", url])
    assert found.exit_code == 1
    assert "runs_by_age" in found.output


def test_what_is_no_store_of_this_version_is_said_first(url: str) -> None:
    """An empty database, a newer store, and one into which a copy has begun, each with what to do."""
    assert differences(url) == ["there is no store; 'podium db upgrade' makes one"]
    open_backend(url).close()
    for stamp, said in (("0001", "'podium db upgrade'"), ("9999", "install a newer podium"), (COPYING, "podium copy")):
        run_on(url, f"UPDATE schema_version SET version_num = '{stamp}'")
        (line,) = differences(url)
        assert said in line


def test_tables_that_were_not_all_made_are_made_anew(url: str) -> None:
    """A process that died over it, on MariaDB with a commit for each table, leaves a store that others can open."""
    open_backend(url).close()
    run_on(url, "DROP TABLE tasks")
    run_on(url, f"UPDATE schema_version SET version_num = '{MAKING}'")
    assert "anew" in differences(url)[0]
    open_backend(url).close()
    assert differences(url) == []


def test_a_store_that_is_up_to_date_is_opened_without_a_lock(tmp_path: Path) -> None:
    """Two small reads tell it, so nobody waits for a process that writes at that moment."""
    url = f"sqlite:///{tmp_path}/podium.db?busy_timeout_ms=1"
    open_backend(url).close()
    with closing(sqlite3.connect(tmp_path / "podium.db", isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        open_backend(url).close()


@pytest.mark.parametrize("columns", ["version INTEGER, script VARCHAR(9)", "version_num VARCHAR(32)"])
def test_a_stamp_of_another_program_is_said_to_be_that(url: str, columns: str) -> None:
    """Others keep the version of their schema in a table of the same name."""
    run_on(url, f"CREATE TABLE schema_version ({columns})")
    if columns.startswith("version_num"):
        run_on(url, "INSERT INTO schema_version VALUES ('1.2')")
    with pytest.raises(BackendError, match=r"tables of another program .*\(schema_version\)"):
        open_backend(url)


@pytest.mark.parametrize("most", [1, 2, 7, 40])
def test_a_process_may_die_over_the_tables_of_mariadb(mariadb: DatabaseServer, most: int) -> None:
    """After any of its commands the next process makes the store."""
    url = mariadb.url()
    statements = compile_statements(MysqlDriver.spelling)
    database = ServerDatabase(server_url(url, "mysql+pymysql"), MysqlDriver())
    with database.exclusive() as cursor:
        for command in statements.create[:most]:
            cursor.execute(command)
    database.close()
    open_backend(url).close()
    assert differences(url) == []


def test_a_look_makes_no_file(tmp_path: Path) -> None:
    """A mistyped name is no reason to make an empty database, which a later command would take for the right one."""
    url = f"sqlite:///{tmp_path}/missing.db"
    assert current_revision(url) is None
    assert len(differences(url)) == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["a%20b.db", "ü [1].db"])
def test_a_file_is_the_same_for_all_commands(tmp_path: Path, name: str) -> None:
    """Its path is taken as it stands, by what opens the store and by what looks at it."""
    url = f"sqlite:///{tmp_path}/{name}"
    open_backend(url).close()
    assert current_revision(url) == SCHEMA_REVISION
    assert [file.name for file in tmp_path.glob("*.db")] == [name]


@pytest.mark.parametrize("scheme", ["postgresql", "mysql"])
@pytest.mark.parametrize("rest", ["u:secret@host:port/x", "u:sec@ret@host/x", "u:secret@host"])
def test_a_url_that_makes_no_sense_is_refused_without_its_password(scheme: str, rest: str) -> None:
    """By what opens the store and by what looks at it."""
    for look in (open_backend, current_revision):
        with pytest.raises(BackendError, match=r"names no database|no URL of a database") as refused:
            look(f"{scheme}://{rest}")
        assert "ret" not in str(refused.value)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("postgresql", "prepare_threshold=0"),
        ("mariadb", "connect_timeout=soon"),
        ("mariadb", "nonsense=1"),
        ("mariadb", "ssl=true"),
        ("mariadb", "ssl_ca=/missing.pem"),
    ],
)
def test_options_that_make_no_sense_are_refused(request: pytest.FixtureRequest, kind: str, options: str) -> None:
    """In words, by what opens the store and by what looks at it."""
    url = request.getfixturevalue(kind).url()
    for look in (open_backend, current_revision):
        with pytest.raises(BackendError, match=f"{options.partition('=')[0]}|int|No such file"):
            look(f"{url}{'&' if '?' in url else '?'}{options}")


@pytest.mark.parametrize(("kind", "options"), [("postgresql", "client_encoding=latin1"), ("mariadb", "charset=latin1")])
def test_texts_are_unicode_whatever_the_url_says(request: pytest.FixtureRequest, kind: str, options: str) -> None:
    """An encoding that has not all letters would lose a run for one of them."""
    url = request.getfixturevalue(kind).url()
    with closing(open_backend(f"{url}{'&' if '?' in url else '?'}{options}")) as store:
        run = a_run(correlation_id="\u652f\u4ed8")
        store.commit(WriteSet(new_runs=[run]))
        assert store.load_runs(["run-1"]) == {"run-1": run}


def test_a_password_may_have_any_letters(mariadb: DatabaseServer) -> None:
    """PyMySQL would take it for Latin-1."""
    url = mariadb.url()
    run_on(url.replace("podium:podium@", "root@"), "CREATE USER 'pay'@'localhost' IDENTIFIED BY 'p@:/ \u652f'")
    run_on(url.replace("podium:podium@", "root@"), f"GRANT ALL ON {url.rpartition('/')[2]}.* TO 'pay'@'localhost'")
    theirs = url.replace("podium:podium@", "pay:p%40%3A%2F%20%E6%94%AF@")
    open_backend(theirs).close()
    assert current_revision(theirs) == SCHEMA_REVISION


def test_who_has_no_rights_is_told_so(postgresql: DatabaseServer) -> None:
    """It is no bug of ours, and may be mended while a process works."""
    url = postgresql.url()
    open_backend(url).close()
    run_on(url, "CREATE ROLE weak LOGIN")
    run_on(url, f"GRANT USAGE ON SCHEMA {url.rpartition('%3D')[2]} TO weak")
    with pytest.raises(StoreUnavailable, match="permission denied"):
        open_backend(url.replace("podium@", "weak@"))


def test_an_encoding_that_has_not_all_letters_is_refused(postgresql: DatabaseServer) -> None:
    """When the store is opened, and not when a letter comes."""
    url = postgresql.url()
    engine = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0"))
    with pytest.raises(BackendError, match="encoding is LATIN1"):
        open_backend(url.partition("/postgres?")[0] + "/latin")


def test_memory_has_no_schema() -> None:
    """What is no database is refused in words."""
    with pytest.raises(BackendError, match="known are sqlite"):
        current_revision("memory://")
