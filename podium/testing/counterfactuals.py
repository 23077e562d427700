"""How a run would have gone if some of its steps had gone otherwise: simulated with what really happened as mocks."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from os import PathLike
from typing import TYPE_CHECKING, Any, Unpack

from attrs import evolve, field, frozen

from podium.diff import RunDiff, diff_runs
from podium.dsl import Workflow
from podium.dsl.arguments import checked_verb
from podium.dsl.known_names import tasks_of
from podium.model.attempts import as_datetime
from podium.model.compensation import failure_run_id
from podium.model.definitions import TaskDef, WorkflowDef
from podium.model.durations import duration_text
from podium.model.errors import InvalidRequest, NotFound
from podium.model.runs import WorkflowRun
from podium.model.statuses import TaskStatus
from podium.model.texts import clean, shorten, shown
from podium.model.values import JsonObject
from podium.testing.answers import place_of
from podium.testing.mocks import MockLike, mock_of
from podium.testing.needed import checked_run, definitions_of
from podium.testing.recorded import answers_of, is_told
from podium.testing.stepper import Stepper

if TYPE_CHECKING:
    from podium.model.drawing import RenderOptions
    from podium.render.diff_pictures import DiffPicture

#: How often a task of which nobody knows what it gives is taken to end well.
_ASSUMED_MAX = 50
#: How many attempts and turns one answer stands for.
_TIMES = 200


@frozen(kw_only=True)
class WhatIf:
    """
    How a run would have gone; made by `what_if`.

    Printed, it is text; a notebook shows what happened and what would have in one picture, with what would undo it.
    """

    #: What happened.
    happened: WorkflowRun = field(repr=False)
    #: The run as it would have ended, in virtual time from the same moment on.
    run: WorkflowRun = field(repr=False)
    #: What was changed, in words: ``'charge' had failed: no route``.
    changed: tuple[str, ...] = ()
    #: The steps of which nobody knows what they would have given: the run did not come to them, or not so often. Turns
    #: of a loop are taken to give what the last one gave, all others to end well with an empty output.
    assumed: frozenset[str] = frozenset()
    #: Gives the runs of its sub-workflows, and the one that undoes it.
    get: Callable[[str], WorkflowRun] = field(repr=False, eq=False)

    @property
    def title(self) -> str:
        """What was changed: ``if 'charge' had failed: no route``."""
        return f"if {' and '.join(self.changed)}" if self.changed else "if all had gone on as it does"

    @property
    def diff(self) -> RunDiff:
        """What differs: A is what happened, B what would have."""
        found = diff_runs(self.happened, self.run, runs=self._found)
        return evolve(found, name_a="what happened", name_b=self.title)

    @property
    def undone(self) -> tuple[str, ...]:
        """The steps that would have been undone, in that order."""
        return self.run.undone

    @property
    def undo(self) -> WorkflowRun | None:
        """The run that would have undone it, or None."""
        run_id = failure_run_id(self.run)
        return None if run_id is None else self.get(run_id)

    def _found(self, run_id: str) -> WorkflowRun:
        """Return a run of either side: one that was simulated, or one of the client that the run came from."""
        try:
            return self.get(run_id)
        except NotFound:
            source = self.happened.source
            found = None if source is None else source.other(run_id)
            if found is None:
                raise
            return found

    def describe(self) -> str:
        """Return it as lines of text: what would have come of it, what undoes it, and what differs."""
        return "".join(f"{line}\n" for line in self._lines())

    def _lines(self) -> Iterator[str]:
        run = self.run
        yield f"What {self.title}?"
        took = f" after {duration_text(run.end_time - run.create_time)}" if run.end_time else ""
        yield f"  happened: {self.happened.status}"
        yield f"  would be: {run.status}{took}{f': {shorten(run.reason, 200)}' if run.reason else ''}"
        if not run.status.is_terminal:
            yield from (f"    {line}" for line in run.explain().text.splitlines()[1:])
        if run.undone:
            yield f"  undone: {', '.join(run.undone)}"
        if run.not_undone:
            yield f"  NOT undone: {', '.join(run.not_undone)}"
        if self.assumed:
            yield f"  not certain, for nobody knows what they would give: {', '.join(sorted(self.assumed))}"
        yield ""
        yield from self.diff.describe().splitlines()

    def to_dict(self) -> JsonObject:
        """Return it as plain JSON data."""
        return {
            "changed": list(self.changed),
            "status": self.run.status.value,
            "reason": self.run.reason,
            "undone": list(self.run.undone),
            "notUndone": list(self.run.not_undone),
            "assumed": sorted(self.assumed),
            "diff": self.diff.to_dict(),
        }

    def picture(self, **options: Unpack[RenderOptions]) -> DiffPicture:
        """
        Return what happened and what would have in one picture, with the run that would undo it beside it.

        Args:
            options: See `RenderOptions`.

        Raises:
            RenderError: An option is wrong.
        """
        from podium.render.run_diff_pictures import draw_run_diff

        given: RenderOptions = {"undo": self.undo is not None, "runs": self._found, "expand": 0, **options}
        return draw_run_diff(self.diff, **given)

    def svg(self, **options: Unpack[RenderOptions]) -> str:
        """Return the picture as SVG; errors as `picture`."""
        return self.picture(**options).svg()

    def render(self, path: str | PathLike[str], **options: Unpack[RenderOptions]) -> str:
        """
        Write it into a file: a picture, or ``.txt`` and ``.json``.

        Returns:
            The path, as text.

        Raises:
            RenderError: The suffix is unknown, an option is wrong, or the file cannot be written.
        """
        from podium.render.files import save

        name = str(path)
        texts = {".txt": self.describe, ".json": lambda: f"{json.dumps(self.to_dict(), indent=2)}\n"}
        if name.endswith(tuple(texts)):
            return save(name, texts, what="counterfactual")
        return self.picture(**options).render(name)

    def __str__(self) -> str:
        return self.describe()

    def _repr_mimebundle_(
        self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None
    ) -> dict[str, str]:
        bundle = self.picture()._repr_mimebundle_(include, exclude)  # the protocol of notebooks
        return {**bundle, "text/plain": self.describe()} if "text/plain" in bundle else bundle


@checked_verb
def what_if(
    run: WorkflowRun,
    mocks: Mapping[str, object] | None = None,
    *,
    input: Mapping[str, object] | None = None,  # noqa: A002  # the field's own name
    get: Callable[[str], WorkflowRun] | None = None,
    others: Iterable[Workflow[..., Any] | WorkflowDef | TaskDef] = (),
) -> WhatIf:
    """
    Return how a run would have gone if some of its steps had gone otherwise.

    It is simulated in virtual time, with what the steps really gave as mocks; no function is called, and nothing goes
    out. If it fails, what would undo it is simulated too. Of a run that goes on, what is to come is taken to end well.

    Args:
        run: The run, with its tasks; ``client.get(run_id)`` gives it. Values that are masked in it stay masked, so what
            decides by them may go otherwise.
        mocks: Step to how it goes instead, for every attempt, or a list with one for each: `failed`, `timed_out`,
            an exception, or what it gives; ``"ship/book"`` is the step ``book`` in the sub-workflow of ``ship``.
        input: The run's input instead of its own.
        get: Gives the runs of sub-workflows by id; the run's own client if it is not given.
        others: Definitions that it needs, such as of what undoes it, where the run's client does not have them.

    Raises:
        InvalidRequest: There is no such step, or a mock or the input cannot be right.
        DefinitionError: The workflow cannot run.
        RunTimeout: It would go round in circles.

    Example:
        >>> from podium import task, workflow
        >>> from podium.testing import failed, simulate
        >>> @task
        ... def charge(amount: int) -> str: ...
        >>> @workflow
        ... def order(amount: int) -> str:
        ...     return charge(amount).output
        >>> happened = simulate(order, {"amount": 3}, {"charge": "receipt"})
        >>> told = what_if(happened, {"charge": failed("no route", terminal=True)})
        >>> print(told.run.status, told.title)
        FAILED if 'charge' had failed: no route
    """
    run = checked_run(run, "what_if")
    definition = run.workflow_definition
    if definition is None:
        raise InvalidRequest(f"run {run.workflow_id} came without its definition, so it cannot be simulated")
    given = _checked(mocks)
    recorded = answers_of(run, get, has_end=False)
    known = [*definitions_of(others), *(() if run.source is None else run.source.workflows())]
    stepper = Stepper(
        definition,
        run.input if input is None else input,
        _with(recorded, given),
        only_mocks=True,
        others=[*_needed(definition, known), *(each for each in others if isinstance(each, TaskDef))],
        start=as_datetime(run.create_time),
        correlation_id=run.correlation_id,
        priority=run.priority,
        check=False,
        assumed_max=_ASSUMED_MAX,
        is_observed=False,
    )
    with stepper:
        would = stepper.resume()
    changed = [*(_changed(step, how) for step, how in given.items())]
    changed += ["the input had been another"] if input is not None else []
    assumed = frozenset(_unknown(would, stepper, recorded, given))
    return WhatIf(happened=run, run=would, changed=tuple(changed), assumed=assumed, get=stepper.get)


def _checked(mocks: object) -> dict[str, object]:
    if mocks is None:
        return {}
    if not isinstance(mocks, Mapping) or not all(isinstance(step, str) for step in mocks):
        raise InvalidRequest(
            f"mocks names steps and how they go instead, such as {{'charge': failed()}}, not {shown(mocks)}"
        )
    return dict(mocks)


def _with(request: Mapping[str, Any], given: Mapping[str, object]) -> dict[str, Any]:
    """Return recorded mocks in which some steps go otherwise, and turns that were never made as the last one did."""
    inner = {ref: _with(one, {}) for ref, one in (request.get("subWorkflowTestRequest") or {}).items()}
    outputs = {place_of(ref): [answers[-1]] * _TIMES for ref, answers in request["taskRefToMockOutput"].items()}
    found = {"taskRefToMockOutput": outputs | request["taskRefToMockOutput"], "subWorkflowTestRequest": inner}
    for step, how in given.items():
        _put(found, step, list(how) if isinstance(how, list | tuple) else [how] * _TIMES)
    return found


def _put(request: dict[str, Any], step: str, answers: Sequence[MockLike]) -> None:
    """Let a step, or one in a sub-workflow, give something else; one turn of a loop, if it is named so."""
    outputs, inner = request["taskRefToMockOutput"], request["subWorkflowTestRequest"]
    first, _, rest = step.partition("/")
    if rest and first not in outputs:
        _put(inner.setdefault(first, {"taskRefToMockOutput": {}, "subWorkflowTestRequest": {}}), rest, answers)
        return
    for known in (outputs, inner):
        for ref in [each for each in known if step in {each, place_of(each)}]:
            del known[ref]
    outputs[step] = answers


def _changed(step: str, how: object) -> str:
    """Say what was changed: ``'charge' had failed: no route``."""
    first = how[0] if isinstance(how, list | tuple) and how else how
    mock = mock_of(first, f"mocks[{step!r}]")
    name = f"'{clean(step)}'"
    if mock.status is TaskStatus.TIMED_OUT:
        return f"{name} had timed out"
    if not mock.status.is_successful:
        return f"{name} had failed{f': {shorten(mock.reason, 80)}' if mock.reason else ''}"
    return f"{name} had given {shorten(json.dumps(mock.output, ensure_ascii=False), 80)}"


def _needed(definition: WorkflowDef, known: Sequence[WorkflowDef]) -> list[WorkflowDef]:
    """Return the definitions that a workflow names, and those that they name; of each name and version the first."""
    catalogue: dict[tuple[str, int], WorkflowDef] = {}
    for each in known:
        catalogue.setdefault((each.name, each.version), each)
    newest = {name: max(version for one, version in catalogue if one == name) for name, _ in catalogue}
    found: dict[tuple[str, int], WorkflowDef] = {}
    left = [definition]
    while left:
        one = left.pop()
        params = [task.sub_workflow_param for task in tasks_of(one) if task.sub_workflow_param is not None]
        names = [(each.name, each.version) for each in params if each.workflow_definition is None]
        for name, version in [*names, (one.failure_workflow, one.failure_workflow_version)]:
            key = (name or "", version or newest.get(name or "", 0))
            if key in catalogue and key not in found and key != (definition.name, definition.version):
                found[key] = catalogue[key]
                left.append(catalogue[key])
    return list(found.values())


def _unknown(
    run: WorkflowRun, stepper: Stepper, recorded: Mapping[str, Any], given: Mapping[str, object]
) -> Iterator[str]:
    """Yield the steps of a simulated run that gave what nobody has recorded or asked for."""
    outputs, inner = recorded.get("taskRefToMockOutput", {}), recorded.get("subWorkflowTestRequest", {})
    places = stepper.assumed | {place_of(ref) for ref in outputs}
    for attempt in run.tasks:
        ref = attempt.reference_task_name
        if {ref, place_of(ref)} & given.keys():
            continue
        if attempt.sub_workflow_id and ref not in outputs:
            start = f"{place_of(ref)}/"
            below = {step.removeprefix(start): how for step, how in given.items() if step.startswith(start)}
            child = stepper.get(attempt.sub_workflow_id)
            yield from (f"{ref}/{each}" for each in _unknown(child, stepper, inner.get(ref, {}), below))
        elif is_told(attempt) and ref not in outputs and place_of(ref) in places and attempt.status.is_successful:
            yield ref
