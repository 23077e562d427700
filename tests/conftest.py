"""What tests of all folders share: real database servers, started once and only when a test asks for one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from podium.testing.servers import DatabaseServer, ServerMissing, database_server


def pytest_configure(config: pytest.Config) -> None:
    """Leave coverage of workflows out of the summary, where Podium's own plugin is loaded: these are not our users'."""
    if config.pluginmanager.has_plugin("podium.testing.plugin"):
        config.option.no_podium_coverage = True


def _server(kind: str) -> Iterator[DatabaseServer]:
    try:
        with database_server(kind) as server:
            yield server
    except ServerMissing as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def postgresql() -> Iterator[DatabaseServer]:
    """A PostgreSQL server."""
    yield from _server("postgresql")


@pytest.fixture(scope="session")
def mariadb() -> Iterator[DatabaseServer]:
    """A MariaDB server."""
    yield from _server("mariadb")
