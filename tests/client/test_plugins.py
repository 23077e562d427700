"""Task types that installed packages bring: functions that every engine serves, and operators that decide within it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from typer.testing import CliRunner

import podium
import podium.testing
from podium.cli.main import app
from podium.model.runs import WorkflowRun

Install = Callable[[str, dict[str, str]], None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Return a function that installs a package: its code, and its entry points of the group ``podium.tasks``."""

    def install(code: str, entries: dict[str, str]) -> None:
        site = tmp_path / "site"
        info = site / "acme_tasks-1.0.dist-info"
        info.mkdir(parents=True)
        (site / "acme_tasks.py").write_text(dedent(code))
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-tasks\nVersion: 1.0\n")
        lines = "".join(f"{name} = {value}\n" for name, value in entries.items())
        (info / "entry_points.txt").write_text(f"[podium.tasks]\n{lines}")
        monkeypatch.syspath_prepend(site)
        monkeypatch.delitem(__import__("sys").modules, "acme_tasks", raising=False)

    return install


FAX = """
    import podium

    @podium.task(name="SEND_FAX")
    def send_fax(to: str, text: str = "") -> int:
        if to == "nobody":
            raise podium.TerminalTaskError("nobody has no fax")
        return len(text)

    @podium.task(name="SEND_LATER")
    async def send_later(to: str) -> str:
        return f"to {to}"
"""

OPERATORS = """
    from podium.engine.operators.base import Operator
    from podium.model.statuses import TaskStatus

    class Count(Operator):
        '''COUNT: how many items there are, at once.'''

        can_be_named = True

        def begin(self, decision, record):
            items = record.input.get("items")
            if not isinstance(items, list):
                decision.end(record, TaskStatus.FAILED, reason="COUNT needs a list 'items'")
            else:
                decision.end(record, TaskStatus.COMPLETED, {"count": len(items)})

    class Nap(Operator):
        '''NAP: rest for a second of the engine's clock.'''

        def begin(self, decision, record):
            record.status = TaskStatus.IN_PROGRESS
            decision.sleep(record, decision.context.now + 1000)
            decision.state.touch(record)

        def wake(self, decision, record):
            decision.end(record, TaskStatus.COMPLETED, {"slept": True})

    nap = Nap()
"""


def ran(task_type: str, url: str = "memory://", **inputs: Any) -> WorkflowRun:
    """Run one task of a type, and nobody's workers."""
    made = podium.Workflow("one")
    made >> podium.system_task("do", task_type, **inputs)
    with podium.connect(url) as client:
        return client.run(made, {}, timeout=30)


def test_a_function_is_served_by_every_engine(install: Install) -> None:
    """No worker is started: the engine's process does it, plain functions and async ones alike."""
    install(FAX, {"SEND_FAX": "acme_tasks:send_fax", "SEND_LATER": "acme_tasks:send_later"})

    assert ran("SEND_FAX", to="ada", text="abc").output == {"result": 3}
    assert ran("SEND_LATER", to="ada").output == {"result": "to ada"}


def test_its_failures_are_those_of_workers(install: Install) -> None:
    """What it raises is the reason, and a wrong input is refused as a worker refuses it."""
    install(FAX, {"SEND_FAX": "acme_tasks:send_fax"})
    refused, wrong = ran("SEND_FAX", to="nobody"), ran("SEND_FAX", text="abc")

    assert refused.tasks[0].status == "FAILED_WITH_TERMINAL_ERROR"
    assert refused.tasks[0].reason_for_incompletion == "nobody has no fax"
    assert "to" in (wrong.tasks[0].reason_for_incompletion or "")


def test_a_run_that_was_left_is_taken_up(install: Install, tmp_path: Path) -> None:
    """A task that nobody could do is done by the next engine that has the package."""
    url = f"sqlite:///{tmp_path}/store.db"
    made = podium.Workflow("one")
    made >> podium.system_task("do", "SEND_FAX", to="ada", text="x")
    with podium.connect(url) as client:
        run_id = client.start(made, {})
    install(FAX, {"SEND_FAX": "acme_tasks:send_fax"})
    with podium.connect(url) as client:
        assert client.wait(run_id, 30).output == {"result": 1}


def test_an_operator_decides_in_the_engine(install: Install) -> None:
    """A class or an instance; it has the decision as the engine's own types have it, timers included."""
    install(OPERATORS, {"COUNT": "acme_tasks:Count", "NAP": "acme_tasks:nap"})
    counted = ran("COUNT", items=[1, 2, 3])

    assert (counted.tasks[0].task_type, counted.output) == ("COUNT", {"count": 3})
    assert ran("COUNT", items=5).reason_for_incompletion.endswith("COUNT needs a list 'items''")  # type: ignore[union-attr]  # a run that failed has one
    with podium.testing.connect() as client:
        made = podium.Workflow("one")
        made >> podium.system_task("do", "NAP")
        assert client.run(made, {}, timeout=30).output == {"slept": True}


def test_a_dynamic_task_reaches_it_by_its_name(install: Install) -> None:
    """As it reaches the types of the engine."""
    install(OPERATORS, {"COUNT": "acme_tasks:Count"})
    made = podium.Workflow("one")
    made >> podium.dynamic("do", "COUNT", items=[1])
    with podium.connect("memory://") as client:
        assert client.run(made, {}, timeout=30).output == {"count": 1}


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("HTTP", "acme_tasks:send_fax", "it is a type of the engine itself; choose another name"),
        ("SEND_MAIL", "acme_tasks:send_fax", "the task is called 'SEND_FAX'; write @task(name='SEND_MAIL')"),
        ("SEND_MAIL", "acme_tasks:podium", "acme_tasks:podium is neither made with @task nor an Operator"),
        ("SEND_MAIL", "acme_tasks:gone", "has no attribute 'gone'"),
        ("SEND_MAIL", "no_such_module:gone", "No module named 'no_such_module'"),
    ],
)
def test_what_cannot_be_used_is_told_and_left_out(
    install: Install, caplog: pytest.LogCaptureFixture, name: str, value: str, words: str
) -> None:
    """The log names the type, the package and what is wrong; the package's other types work."""
    install(FAX, {name: value, "SEND_LATER": "acme_tasks:send_later"})
    with caplog.at_level(logging.WARNING):
        assert ran("SEND_LATER", to="ada").output == {"result": "to ada"}

    (line,) = (record.getMessage() for record in caplog.records if "cannot be used" in record.getMessage())
    assert line.startswith(f"the task type {name!r} of the package acme-tasks cannot be used: ")
    assert words in line


def test_the_command_line_knows_them(install: Install, tmp_path: Path) -> None:
    """``podium run`` does not warn of a type that a package brings, and the run ends."""
    install(FAX, {"SEND_FAX": "acme_tasks:send_fax"})
    flow = tmp_path / "flow.py"
    flow.write_text(
        "import podium\n\n@podium.workflow\ndef tell(to: str):\n"
        "    return podium.system_task('do', 'SEND_FAX', to=to, text='ab').output['result']\n"
    )
    said = CliRunner().invoke(app, ["run", str(flow), "--input", "to=ada"])

    assert said.exit_code == 0, said.output
    assert "nobody here works on" not in said.output
