"""What a run knows while it goes on: the newest step of each place, its variables, and what of both is a race."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from podium.model.definitions import WorkflowTask
from podium.model.walk import blocks
from podium.testing.reference.filling import filled, member
from podium.testing.reference.steps import UNKNOWN, ReferenceStep

#: The forks around a place, each with the number of the branch.
_Lane = tuple[tuple[str, int], ...]


class ReferenceMemory:
    """
    What expressions see.

    Attributes:
        newest: The newest step of each place, by the definition's reference name.
        variables: The run's variables.
    """

    def __init__(
        self, tasks: Sequence[WorkflowTask], run_input: Mapping[str, Any], variables: Mapping[str, Any]
    ) -> None:
        self.newest: dict[str, ReferenceStep] = {}
        self.variables = dict(variables)
        self._input = run_input
        self._lanes: dict[str, _Lane] = {}
        #: Places in branches that no JOIN waits for: they may run at any time from then on.
        self._loose: set[str] = set()
        #: The places that set a variable, by its name.
        self._writers: dict[str, set[str]] = {}
        self._forks: set[str] = set()
        self._survey(tasks, ())

    def _survey(self, tasks: Iterable[WorkflowTask], lane: _Lane) -> None:
        for task in tasks:
            self._lanes[task.task_reference_name] = lane
            if task.type == "FORK_JOIN_DYNAMIC":
                self._forks.add(task.task_reference_name)
            if task.type == "SET_VARIABLE":
                for name in task.input_parameters:
                    self._writers.setdefault(name, set()).add(task.task_reference_name)
            for number, block in enumerate(blocks(task)):
                branch = ((task.task_reference_name, number),) if task.type == "FORK_JOIN" else ()
                self._survey(block.tasks, lane + branch)

    def add_branch(self, fork: str, number: int, task: WorkflowTask) -> None:
        """Note a branch that a dynamic fork has made."""
        self._survey((task,), (*self._lanes[fork], (fork, number)))

    def let_loose(self, refs: Iterable[str]) -> None:
        """Note places that nobody waits for: what they set is known no more, now or later."""
        self._loose.update(refs)
        self.variables |= {
            name: UNKNOWN for name, writers in self._writers.items() if not writers.isdisjoint(self._loose)
        }

    def join(self, branches: Sequence[set[str]]) -> None:
        """Note that some branches, given by their places, are over: who of several has set a variable last is open."""
        for name, writers in self._writers.items():
            if sum(any(ref in self.newest for ref in writers & refs) for refs in branches) > 1:
                self.variables[name] = UNKNOWN

    def races(self, one: str, other: str) -> bool:
        """Return whether two places may run at the same time."""
        lanes = dict(self._lanes.get(one, ()))
        return one in self._loose or any(
            lanes.get(fork, number) != number for fork, number in self._lanes.get(other, ())
        )

    def forks_at_once(self, ref: str) -> bool:
        """Return whether another dynamic fork may run at the same time as one."""
        return any(self.races(other, ref) for other in self._forks)

    # -- references --------------------------------------------------------------------------------------------------

    def given(self, task: WorkflowTask) -> Any:
        """Return the inputs of a task, filled in."""
        return self.fill(dict(task.input_parameters), task.task_reference_name)

    def fill(self, template: Any, ref: str = "") -> Any:
        """Return a template of a place filled in; without a place it is one of the run's end."""
        return filled(template, self._reader(ref))

    def _reader(self, ref: str) -> Callable[[list[str | int]], Any]:
        def look_up(path: list[str | int]) -> Any:
            root, name, rest = path[0], path[1] if len(path) > 1 else None, path[2:]
            if root == "workflow":
                return self._of_run(name, rest, ref)
            if self.races(str(root), ref):
                return UNKNOWN
            step = self.newest.get(str(root))
            if step is None:
                return None
            fields = {"output": step.output, "input": step.input, "status": step.status or UNKNOWN}
            return member(fields.get(str(name), UNKNOWN), rest)

        return look_up

    def _of_run(self, name: str | int | None, rest: list[str | int], ref: str) -> Any:
        if name == "input":
            return member(self._input, rest)
        if name != "variables":
            return UNKNOWN
        read = [str(part) for part in rest[:1]] or list(self._writers)
        writers = (writer for variable in read for writer in self._writers.get(variable, ()))
        return UNKNOWN if any(self.races(writer, ref) for writer in writers) else member(self.variables, rest)
