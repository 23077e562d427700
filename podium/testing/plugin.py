"""
The plugin of pytest, there as soon as Podium is installed.

* Fixtures: ``podium_client``, a client in virtual time, and ``podium_clock``, its clock.
* A marker: ``@pytest.mark.podium(workers=[charge, ship], start="2026-03-01")`` gives the client's options.
* A test that fails shows the runs that it made: outline, explanation, and the file of a picture.
* At the end, which cases and tasks of workflows the tests have come to (``--no-podium-coverage`` leaves it out;
  ``--podium-fail-under=90`` fails below so many percent).
"""

from __future__ import annotations

import tempfile
from argparse import ArgumentTypeError
from collections.abc import Callable, Generator, Iterator
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from podium.model.runs import WorkflowRun
    from podium.testing.coverage import Coverage
    from podium.testing.virtual import Clock, VirtualClient

#: Most runs of a test that are shown when it fails, the newest ones.
_SHOWN_MAX = 5
_NAME_MAX = 60


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("podium", "workflows (podium)")
    group.addoption(
        "--no-podium-coverage",
        action="store_true",
        help="do not tell which cases and tasks of workflows the tests have come to",
    )
    group.addoption(
        "--podium-fail-under",
        type=_percent,
        default=None,
        metavar="PERCENT",
        help="fail if the tests come to less of all cases and tasks of workflows",
    )
    group.addoption(
        "--podium-pictures",
        default=None,
        metavar="FOLDER",
        help="where to put the pictures of runs of failed tests (default: a new temporary folder; 'none' for none)",
    )


def _percent(text: str) -> float:
    number = float(text)
    if not 0 <= number <= 100:
        raise ArgumentTypeError(f"a number from 0 to 100 is expected, not {text}")
    return number


def pytest_configure(config: pytest.Config) -> None:
    """Look on at the runs of the session."""
    config.addinivalue_line(
        "markers",
        "podium(workers=[], **options): the tasks that podium_client serves, and the options of podium.testing.connect",
    )
    config.pluginmanager.register(_Onlooker(config), "podium-onlooker")


@pytest.fixture
def podium_client(request: pytest.FixtureRequest) -> Iterator[VirtualClient]:
    """Yield a client in virtual time, with the options of the marker ``podium``; see `podium.testing.connect`."""
    from podium.dsl.names import nearest
    from podium.testing.virtual import connect

    marker = request.node.get_closest_marker("podium")
    options: dict[str, Any] = dict(marker.kwargs) if marker is not None else {}
    if marker is not None and marker.args:
        pytest.fail("@pytest.mark.podium takes arguments by name: podium(workers=[charge, ship])", pytrace=False)
    if unknown := options.keys() - {"workers", *signature(connect).parameters}:
        near = nearest(min(unknown), ["workers", *signature(connect).parameters])
        hint = f"did you mean {near!r}?" if near else "it takes workers= and what podium.testing.connect takes"
        pytest.fail(f"@pytest.mark.podium takes no {min(unknown)!r}; {hint}", pytrace=False)
    workers = options.pop("workers", ())
    with connect(**options) as client:
        if not workers:
            yield client
            return
        with client.workers(workers):
            yield client


@pytest.fixture
def podium_clock(podium_client: VirtualClient) -> Clock:
    """Return the clock of ``podium_client``: ``podium_clock.advance("30 days")``."""
    return podium_client.clock


class _Onlooker:
    """Counts what runs come to, and remembers those of the test that runs."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._coverage: Coverage | None = None
        self._shown: dict[str, tuple[WorkflowRun, Callable[[str], WorkflowRun]]] = {}
        self._folder: Path | None = None

    def _observe(self, run: WorkflowRun, get: Callable[[str], WorkflowRun]) -> None:
        from podium.testing.coverage import Coverage

        if self._coverage is None:
            self._coverage = Coverage()
        self._coverage.add(run, get)
        self._shown.pop(run.workflow_id, None)
        self._shown[run.workflow_id] = (run, get)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Look on while a test runs."""
        from podium.testing.observing import observing

        self._shown.clear()
        with observing(self._observe):
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Attach the runs of a test that has failed."""
        report = yield
        if report.failed and report.when == "call":
            client = getattr(item, "funcargs", {}).get("podium_client")
            for number, run in enumerate(self._runs(client), 1):
                self._attach(report, item, number, run)
        return report

    def _runs(self, client: VirtualClient | None) -> list[WorkflowRun]:
        """Return the newest runs of the test: those that it waited for, and what its client has besides."""
        found = {run_id: run for run_id, (run, _) in self._shown.items()}
        for summary in reversed(client.search(limit=_SHOWN_MAX) if client is not None else ()):
            if summary.parent_workflow_id is None:
                found[summary.workflow_id] = client.get(summary.workflow_id)  # type: ignore[union-attr]  # it gave them
        return list(found.values())[-_SHOWN_MAX:]

    def _attach(self, report: pytest.TestReport, item: pytest.Item, number: int, run: WorkflowRun) -> None:
        from podium.testing.ways import way_of

        lines = [way_of(run), "", run.describe()]
        told = None if run.source is None else _explained(run)
        lines += ["", told] if told else []
        picture = self._picture(item, number, run)
        if picture is not None:
            lines += ["", f"picture: {picture}"]
            item.user_properties.append(("podium_picture", str(picture)))
            _attach_to_html(report, picture)
        name = run.workflow_name or "a workflow"
        report.sections.append((f"podium run {number}: {name} {run.status}", "\n".join(lines)))

    def _picture(self, item: pytest.Item, number: int, run: WorkflowRun) -> Path | None:
        """Write a picture of a run into a file; None if there can be none."""
        wanted = self._config.getoption("--podium-pictures")
        if wanted == "none":
            return None
        if self._folder is None:
            self._folder = Path(wanted) if wanted else Path(tempfile.mkdtemp(prefix="podium-pictures-"))
            self._folder.mkdir(parents=True, exist_ok=True)
        letters = "".join(letter if letter.isalnum() else "-" for letter in item.nodeid)[-_NAME_MAX:]
        path = self._folder / f"{letters.strip('-')}-{number}.svg"
        try:
            run.render(path)
        except Exception:  # noqa: BLE001  # a picture that cannot be drawn must not hide why the test failed
            return None
        return path

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Tell what the tests have come to."""
        least = self._config.getoption("--podium-fail-under")
        is_told = self._coverage is not None and not self._config.getoption("--no-podium-coverage")
        if is_told or least is not None:
            terminalreporter.section("podium coverage")
        if self._coverage is not None and is_told:
            terminalreporter.write_line(self._coverage.report())
            terminalreporter.write_line(f"{self._coverage.percent:.0f} % of all cases and tasks")
        if least is not None and self._percent < least:
            missed = "no test has run a workflow" if self._coverage is None else f"it is {self._percent:.2f} %"
            terminalreporter.write_line(f"the coverage of {least:g} % that is asked for is not reached: {missed}")

    @property
    def _percent(self) -> float:
        return self._coverage.percent if self._coverage is not None else 0.0

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Fail if the tests came to less than was asked for."""
        least = self._config.getoption("--podium-fail-under")
        if least is not None and self._percent < least and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _explained(run: WorkflowRun) -> str:
    from podium.model.errors import PodiumError

    try:
        return run.explain().text
    except PodiumError:
        return ""  # its client is closed


def _attach_to_html(report: pytest.TestReport, picture: Path) -> None:
    """Show a picture in the page of pytest-html, where that is used."""
    try:
        from pytest_html import extras  # type: ignore[import-not-found, unused-ignore]  # an extra of who uses it
    except ImportError:
        return
    svg = extras.svg(picture.read_text(encoding="utf-8"))
    vars(report)["extras"] = [*getattr(report, "extras", ()), svg]
