# ruff: noqa: INP001  # a script, not a part of the package
"""
The pictures of the documentation: ``python docs/pictures/make.py [FOLDER]``.

The runs are made on the bench, in virtual time and with ids from a seed, so the pictures change only if the code does.
"""

from __future__ import annotations

import importlib.util
import inspect
import random
import re
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, get_type_hints

import attrs

from podium import Task, Workflow, WorkflowRun, load, task, workflow
from podium.model.statistics import statistics_of
from podium.model.statuses import TaskStatus
from podium.render import render_file
from podium.testing import failed as mocked_to_fail
from podium.testing.bench import Bench
from podium.typed.records import pack
from podium.workers.inputs import InputParameter

if TYPE_CHECKING:
    from podium.model.assignments import Assignment

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


@task
def notify(text: str) -> None:
    """Stand in for anything."""


@workflow
def remind(days: int) -> None:
    """Wait once, and remind."""
    notify(f"{days} days left")


@workflow(version=2)
def countdown(days: int) -> None:
    """Carry another workflow in itself."""
    notify.as_("begin")("here we go")
    remind.inline(days)


def example_of_readme() -> Any:
    """Give the workflow of the first Python block of README.md."""
    text = re.search(r"```python\n(# trip\.py\n.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    if text is None:
        raise LookupError("README.md has no block that begins with: # trip.py")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trip.py"
        path.write_text(text[1])
        return module_of(path).trip


def example_in_json() -> str:
    """Give the definition that docs/from-json.md begins with."""
    text = (ROOT / "docs" / "from-json.md").read_text()
    found = re.search(r"<!-- file: shipping\.json -->\n```json\n(.*?)```", text, re.DOTALL)
    if found is None:
        raise LookupError("docs/from-json.md has no shipping.json")
    return found[1]


def files_of_tutorial(folder: Path) -> dict[str, ModuleType]:
    """Write the files that the tutorial has its reader type, and import them; by their names."""
    text = (ROOT / "docs" / "tutorial.md").read_text()
    files: dict[str, str] = dict(re.findall(r"```python\n# (\w+)\.py\n(.*?)```", text, re.DOTALL))
    for name, code in files.items():
        (folder / f"{name}.py").write_text(code)
    return {name: module_of(folder / f"{name}.py") for name in files}


def versions_of_diff_page() -> tuple[Any, Any]:
    """Give the two versions of a workflow that docs/diff.md compares."""
    page = (ROOT / "docs" / "diff.md").read_text()
    with tempfile.TemporaryDirectory() as folder:
        modules = {}
        for name in ("before", "after"):
            text = re.search(rf"```python\n(# {name}\.py\n.*?)```", page, re.DOTALL)
            if text is None:
                raise LookupError(f"docs/diff.md has no block that begins with: # {name}.py")
            path = Path(folder) / f"{name}.py"
            path.write_text(text[1])
            modules[name] = module_of(path)
        return modules["before"].order, modules["after"].order


def module_of(path: Path) -> ModuleType:
    """Import a Python file."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise LookupError(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module  # annotations are looked up there
    spec.loader.exec_module(module)
    return module


def run_on_bench(
    subject: Workflow[..., Any],
    run_input: Mapping[str, Any],
    broken: Callable[[Assignment], bool] = lambda _: False,
    reason: str = "the bank does not answer",
    bench: Bench | None = None,
) -> WorkflowRun:
    """
    Run a workflow with its own functions, in virtual time.

    Args:
        subject: The workflow.
        run_input: Its input.
        broken: Says which attempts fail.
        reason: Why they fail.
        bench: Where it runs, if its sub-workflows' runs are wanted too.
    """
    bench = bench or Bench()
    run_id = bench.start(subject, {**subject.definition.input_template, **run_input})
    functions = {each.name: each for each in subject.tasks}
    worker = bench.serve(*functions)
    while not bench.run(run_id).status.is_terminal:
        while worker.waiting:
            attempt = worker.waiting.popleft()
            began = bench.clock.now()
            bench.advance(0.2)
            if broken(attempt):
                bench.report(attempt, TaskStatus.FAILED, reason=reason, started_at=began)
            else:
                done = functions[attempt.queue]
                output = plain(done.fn(**arguments(done, attempt.input)), done.returns)
                bench.report(attempt, TaskStatus.COMPLETED, output, started_at=began)
        bench.advance(1)
    return bench.run(run_id)


def arguments(subject: Task[..., Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Give the arguments of a function as workers do: records of its types, and nothing that it does not ask for."""
    hints = get_type_hints(subject.fn)
    parameters = inspect.signature(subject.fn).parameters.values()
    readers = [InputParameter(each.name, hints[each.name], each.default, subject.name) for each in parameters]
    wrong: list[str] = []
    return {each.name: each.read(given[each.name], wrong) for each in readers if each.name in given}


def plain(value: Any, hint: Any) -> dict[str, Any]:
    """Give what a function returned as JSON data."""
    packed = pack(value, hint)
    return {key: attrs.asdict(each) if attrs.has(type(each)) else each for key, each in packed.items()}


def make(folder: Path) -> list[Path]:
    """Draw all pictures into a folder, and give their paths."""
    trip = example_of_readme()
    order = module_of(ROOT / "examples" / "order.py").order
    done = run_on_bench(trip, {"city": "Rome", "nights": 3})
    bought = {"order_id": "1", "sku": "A1", "amount": 12.5, "speed": "EXPRESS"}
    failed = run_on_bench(order, bought, broken=lambda attempt: attempt.queue == "charge")
    made = [
        done.render(str(folder / "trip.svg")),
        trip.render(str(folder / "trip-definition.svg")),
        trip.render(str(folder / "trip-dark.svg"), direction="LR", theme="dark"),
        failed.render(str(folder / "order-failed.svg")),
        failed.timeline().render(folder / "order-timeline.svg"),
        render_file(order, folder / "order-undo.svg", undo=True, focus="shipping"),
        render_file(countdown.definition, folder / "countdown-closed.svg", direction="LR"),
        render_file(countdown.definition, folder / "countdown-open.svg", direction="LR", expand=1),
        load(example_in_json()).render(str(folder / "shipping.svg")),
    ]
    made += make_comparisons(order, bought, failed, folder)
    before, after = versions_of_diff_page()
    made.append(before.diff(after).render(folder / "order-diff.svg"))
    return [*(Path(path) for path in made), *make_tutorial(folder)]


def make_comparisons(order: Any, bought: Mapping[str, Any], refused: WorkflowRun, folder: Path) -> list[str]:
    """Draw two runs in one picture, what many came to, and how one would have gone; give the paths."""
    well = run_on_bench(order, bought)
    chance = random.Random(5)  # noqa: S311  # the same in each run
    many = [
        run_on_bench(order, {**bought, "speed": chance.choice(["EXPRESS", "POST", "POST"])}, broken=breaks)
        for _ in range(60)
        for breaks in [lambda attempt: chance.random() < (0.6 if attempt.queue == "charge" else 0.02)]
    ]
    would = well.what_if({"track": mocked_to_fail("the parcel is lost", terminal=True)}, others=[order])
    return [
        well.diff(refused).render(folder / "run-diff.svg"),
        statistics_of(many).render(folder / "heat.svg"),
        would.render(folder / "what-if.svg"),
    ]


def make_tutorial(folder: Path) -> list[Path]:
    """Draw the pictures of the tutorial into a folder, and give their paths."""
    with tempfile.TemporaryDirectory() as typed:
        step = files_of_tutorial(Path(typed))
        feeds = iter([True, False])  # the first one jams
        next(step["failing"].jams)
        failed = run_on_bench(
            step["failing"].order,
            {"name": "dog.jpg"},
            broken=lambda attempt: attempt.queue == "cut" or next(feeds),
            reason="the knife is blunt",
        )
        wishes = {"wishes": [{"name": "dog.jpg", "size": 10}, {"name": "cat.jpg", "size": 30}]}
        subjects: dict[str, Any] = {
            "first": step["first"].order,
            "choice": run_on_bench(step["choice"].order, {"name": "a.jpg"}),
            "both": step["both"].order,
            "failing": failed,
            "loops": step["loops"].order,
            "many": run_on_bench(step["many"].order, wishes),
        }
        made = [render_file(each, folder / f"tutorial-{name}.svg") for name, each in subjects.items()]
        pets = {"title": "Pets", "photos": step["albums"].PHOTOS}
        for name, subject, given in (("steps", step["steps"].order, wishes), ("albums", step["albums"].album, pets)):
            bench = Bench()
            run = run_on_bench(subject, given, bench=bench)
            made.append(render_file(run, folder / f"tutorial-{name}.svg", runs=bench.run, expand=2))
    return [Path(path) for path in made]


if __name__ == "__main__":
    for drawn in make(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE):
        sys.stdout.write(f"{drawn}\n")
