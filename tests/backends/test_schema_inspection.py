"""The schema of a store: made at once or step by step it is the same, on every database, and ``podium db`` says so."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, text
from typer.testing import CliRunner

from podium.backends.loader import open_backend
from podium.backends.sql import migrations
from podium.backends.sql.inspecting import current_revision, differences
from podium.backends.sql.tables import SCHEMA_REVISION
from podium.cli.main import app
from podium.model.errors import BackendError
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
    (line,) = differences(url)
    assert "colour" in line


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


def test_memory_has_no_schema() -> None:
    """What is no database is refused in words."""
    with pytest.raises(BackendError, match="known are sqlite"):
        current_revision("memory://")
