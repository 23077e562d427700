"""Workflows as steps of other workflows: SUB_WORKFLOW by name or embedded, and START_WORKFLOW."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, ParamSpec, TypeVar

from attrs import frozen

from podium.dsl.settings import StepOptions, check_names
from podium.dsl.steps import Step, StepMaker
from podium.dsl.task_functions import bind_inputs
from podium.model.definitions import SubWorkflowParams
from podium.model.statuses import TaskType
from podium.typed.authored import Authored

if TYPE_CHECKING:
    from typing import Unpack

    from podium.dsl.called_workflow import CalledWorkflow
    from podium.dsl.context import CompileContext

P = ParamSpec("P")
R = TypeVar("R")


@frozen(kw_only=True)
class Started:
    """What a step gives that has started another run."""

    __wire_names__: ClassVar[Mapping[str, str]] = {"workflow_id": "workflowId"}

    #: The other run.
    workflow_id: str


class SubWorkflowStep(Step[R]):
    """A SUB_WORKFLOW step; its output is what the workflow returns, and ``subWorkflowId``."""

    embeds = False

    def compiled_fields(self, build: CompileContext) -> dict[str, Authored]:
        """Return the parameters that say which workflow it is."""
        fields = super().compiled_fields(build)
        called = self.called
        if called is not None:
            definition = called.embedded(self.written_at) if self.embeds else None
            fields["sub_workflow_param"] = SubWorkflowParams(
                name=called.name,
                version=called.version,
                workflow_definition=definition,
            )
        return fields

    def note_use(self, build: CompileContext) -> None:
        """Note the workflow, by name or as one whose own parts are used here."""
        if self.called is not None and self.embeds:
            build.embedded.append(self.called)
            for task in self.called.own_tasks():
                build.use_task(task, self.written_at)
        else:
            super().note_use(build)


class SubWorkflowCall(StepMaker[P, R]):
    """A workflow about to be called, with a reference name or options of its own."""

    def __init__(
        self,
        workflow: CalledWorkflow,
        *,
        reference_name: str | None = None,
        options: Mapping[str, Authored] | None = None,
    ) -> None:
        self._workflow = workflow
        self.own_reference_name = reference_name
        self._options = dict(options or {})

    def __call__(self, /, *args: P.args, **kwargs: P.kwargs) -> Step[R]:
        """Build a SUB_WORKFLOW step that runs the workflow by name and version."""
        return self.step_of(self._bound(args, kwargs))

    def inline(self, /, *args: P.args, **kwargs: P.kwargs) -> Step[R]:
        """Build a SUB_WORKFLOW step that carries the definition with it."""
        step = self.step_of(self._bound(args, kwargs))
        step.embeds = True
        return step

    def start(self, /, *args: P.args, **kwargs: P.kwargs) -> Step[Started]:
        """Build a START_WORKFLOW step; ``output.workflow_id`` names the other run."""
        request = {
            "name": self._workflow.name,
            "version": self._workflow.version,
            "input": self._bound(args, kwargs),
        }
        step: Step[Started] = Step(
            self._workflow.name if self.own_reference_name is None else self.own_reference_name,
            type=TaskType.START_WORKFLOW.value,
            inputs={"startWorkflow": request},
            returns=Started,
            options=self._options,
        )
        step.called = self._workflow
        return step

    def as_(self, reference_name: str) -> SubWorkflowCall[P, R]:
        """Return the same call under this reference name."""
        return SubWorkflowCall(self._workflow, reference_name=reference_name, options=self._options)

    def opts(self, **options: Unpack[StepOptions]) -> SubWorkflowCall[P, R]:
        """Return the same call with these options."""
        check_names(options, step=True)
        merged = {**self._options, **options}
        return SubWorkflowCall(self._workflow, reference_name=self.own_reference_name, options=merged)

    @property
    def name(self) -> str:
        """The workflow's name."""
        return self._workflow.name

    @property
    def signature(self) -> inspect.Signature:
        """The workflow's parameters."""
        return self._workflow.signature

    def step_of(self, inputs: Mapping[str, Authored]) -> SubWorkflowStep[R]:
        """Build a SUB_WORKFLOW step with inputs by name, which fit already."""
        step: SubWorkflowStep[R] = SubWorkflowStep(
            self._workflow.name if self.own_reference_name is None else self.own_reference_name,
            type=TaskType.SUB_WORKFLOW.value,
            inputs=inputs,
            returns=self._workflow.return_hint,
            options=self._options,
        )
        step.task_name = self._workflow.name
        step.called = self._workflow
        return step

    def _bound(self, args: tuple[Authored, ...], kwargs: Mapping[str, Authored]) -> dict[str, Authored]:
        return bind_inputs(self._workflow.signature, args, kwargs, f"{self._workflow.name}()")
