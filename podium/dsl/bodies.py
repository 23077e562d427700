"""
How a workflow is written: as a function, as a value, or in JSON.

Each way knows its header, its inputs and their types, and compiles itself; `podium.dsl.workflows.Workflow` is the face
that all of them share.
"""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from attrs import evolve

from podium.dsl.blocks import Block, Opening
from podium.dsl.callables import annotations_of, behind, doc_of, signature_of
from podium.dsl.compiling import Compiled, compile_definition
from podium.dsl.context import CompileContext
from podium.dsl.headers import Header
from podium.dsl.inputs import REQUIRED, WorkflowInputs
from podium.dsl.misuse import check_source, explain
from podium.dsl.models import model_refusal
from podium.dsl.refs import Ref, Target, refuse
from podium.dsl.returning import outputs_of
from podium.dsl.sources import return_place
from podium.dsl.steps import StepMaker
from podium.dsl.writing import BY_NOBODY, Writing
from podium.model.definitions import WorkflowDef
from podium.model.errors import AuthoringError
from podium.model.values import JsonObject
from podium.typed import records
from podium.typed.authored import Authored

#: Inputs by name, whichever they are.
_ANY_INPUTS = inspect.Signature([inspect.Parameter("inputs", inspect.Parameter.VAR_KEYWORD)])


class WorkflowBody(ABC):
    """
    How a workflow is written.

    Attributes:
        header: Its name and settings.
        place: ``file:line`` where it was made, or None.
    """

    def __init__(self, header: Header, place: str | None) -> None:
        self.header = header
        self.place = place

    @property
    def is_building(self) -> bool:
        """Its function builds the definition just now."""
        return False

    @abstractmethod
    def compiled(self) -> Compiled:
        """
        Return the definitions that it makes, and what was met on the way.

        Raises:
            AuthoringError: The author's Python is wrong.
        """

    @contextmanager
    def held(self) -> Iterator[None]:
        """Compile once for everything that is asked meanwhile."""
        yield

    @property
    def signature(self) -> inspect.Signature:
        """The parameters: any inputs by name, unless a function says more."""
        return _ANY_INPUTS

    @property
    def annotations(self) -> Mapping[str, records.Hint]:
        """The types of inputs, and of ``return``, as far as they are declared."""
        return {}

    @property
    @abstractmethod
    def inputs(self) -> WorkflowInputs:
        """The inputs that the workflow takes."""

    def noted_annotations(self) -> Mapping[str, records.Hint]:
        """Return the annotations with what ``Annotated`` notes of them."""
        return self.annotations

    def _whole_header(self, signature: inspect.Signature, docstring: str | None) -> Header:
        """Return the header, with the schemas that are wanted of what is declared; those the author wrote stay."""
        if not self.header.schemas:
            return self.header
        from podium.dsl.contracts import schemas_of  # few workflows want schemas, and they cost time to import

        found = schemas_of(self.header.name, signature, self.noted_annotations(), docstring, self.place)
        return evolve(self.header, fields={**found, **self.header.fields})

    def writing(self) -> Writing:
        """Return what the author's Python says beside the definition."""
        context = self.compiled().context
        return Writing(
            places=context.places,
            place=self.place,
            is_function=isinstance(self, FunctionBody),
            steps=context.steps,
            inputs=self.annotations,
        )


class FunctionBody(WorkflowBody):
    """A function, called once with references for its parameters, when the definition is first needed."""

    def __init__(
        self,
        fn: Callable[..., Any],
        header: Header,
        place: str | None,
        local_names: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(header, place)
        self.fn = fn
        self._local_names = local_names
        self._annotations: Mapping[str, records.Hint] = {}
        self._compiled: Compiled | None = None
        self._used: dict[str, StepMaker[..., Any]] = {}
        self._inputs: WorkflowInputs | None = None
        self._is_building = False
        self._defaults = {name: each.default for name, each in self.signature.parameters.items()}

    @property
    def is_building(self) -> bool:
        """Its function builds the definition just now."""
        return self._is_building

    @property
    def signature(self) -> inspect.Signature:
        """The parameters of the function, each with a name."""
        signature = signature_of(self.fn, f"workflow {self.header.name!r}", self.place)
        for parameter in signature.parameters.values():
            if parameter.kind in {parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD}:
                message = f"workflow {self.header.name!r}: {parameter} has no name for its input; give each input one"
                raise AuthoringError(message, code="P1", place=self.place)
        return signature

    @property
    def annotations(self) -> Mapping[str, records.Hint]:
        """The resolved annotations of the function."""
        if not self._annotations:
            self._annotations = annotations_of(self.fn, self._local_names)
            if not self.header.schemas:
                self._local_names = None  # they would keep alive what lives there
        return self._annotations

    def noted_annotations(self) -> Mapping[str, records.Hint]:
        """Return the annotations with what ``Annotated`` notes of them."""
        return annotations_of(self.fn, self._local_names, extras=True)

    @property
    def inputs(self) -> WorkflowInputs:
        """What it takes, with the types of its parameters."""
        if self._inputs is None:
            self._inputs = WorkflowInputs(self.header.name, self._defaults, self.signature, self.annotations)
        return self._inputs

    def compiled(self) -> Compiled:
        """
        Return what calling the function has made.

        It is called once, and again when a task or workflow that it names was defined anew, such as in a notebook.
        """
        if self._compiled is not None and any(self._named().get(name) is not one for name, one in self._used.items()):
            self._compiled = None
        if self._compiled is None:
            if self._is_building:
                refuse(
                    f"the definition of workflow {self.header.name!r} is not there yet: its function is building it "
                    "just now"
                )
            self._is_building = True
            try:
                root, outputs = self._call()
                header = self._whole_header(self.signature, doc_of(self.fn))
                self._compiled = compile_definition(header, root, self._defaults, outputs, place=self.place)
                self._used = self._named()
            finally:
                self._is_building = False
        return self._compiled

    def _named(self) -> dict[str, StepMaker[..., Any]]:
        """Return the tasks and workflows that the function's text names, as its module has them now."""
        target = behind(self.fn)
        module = getattr(target, "__globals__", {})
        names = getattr(getattr(target, "__code__", None), "co_names", ())
        return {name: found for name in names if isinstance(found := module.get(name), StepMaker)}

    def _call(self) -> tuple[Block, dict[str, Authored]]:
        from attrs import validators

        if inspect.iscoroutinefunction(self.fn) or inspect.isgeneratorfunction(self.fn):
            message = f"workflow {self.header.name!r} must be a plain function, without async and yield: "
            message += "it is called once, to build the graph"
            raise AuthoringError(message, code="P1", place=self.place)
        hints = self.annotations
        refs = {name: Ref(Target("workflow.input", (name,), hints.get(name, Any))) for name in self._defaults}
        arguments = inspect.signature(self.fn).bind_partial()
        arguments.arguments.update(refs)
        root = Block(f"workflow {self.header.name!r}")
        check_source(self.fn)
        # The validators of the author's records would meet references.
        with Opening(root, None), validators.disabled():
            try:
                result = self.fn(*arguments.args, **arguments.kwargs)
            except (TypeError, AttributeError, ValueError) as error:
                mistake = model_refusal(error) if isinstance(error, ValueError) else explain(error, self.fn)
                if mistake is None:
                    raise
                raise mistake from None
            try:
                return root, outputs_of(result, hints.get("return", Any), self.place)
            except AuthoringError as error:
                raise AuthoringError(error.faults[0].message, code=error.code, place=return_place(self.fn)) from None


class ValueBody(WorkflowBody):
    """
    Steps put together as a value, which may still grow.

    Attributes:
        root: Its steps.
        defaults: The inputs by name, each with its default.
        outputs: The prepared output parameters.
    """

    def __init__(self, header: Header, place: str | None, inputs: Sequence[str] = ()) -> None:
        super().__init__(header, place)
        self.root: Block = Block(f"workflow {header.name!r}")
        self.defaults: dict[str, Authored] = dict.fromkeys(inputs, REQUIRED)
        self.outputs: dict[str, Authored] = {}
        self._annotations: dict[str, records.Hint] = {}
        self._openings: list[Opening[None]] = []
        self._held: Compiled | None = None
        self._is_building = False

    @property
    def is_building(self) -> bool:
        """Its steps are compiled just now."""
        return self._is_building

    def declare(self, name: str, hint: records.Hint | None) -> Ref:
        """Declare an input, and return a reference to it."""
        self.defaults.setdefault(name, REQUIRED)
        if hint is not None:
            self._annotations[name] = hint
        return Ref(Target("workflow.input", (name,), Any if hint is None else hint))

    def open(self) -> None:
        """Let new steps live here."""
        self._openings.append(Opening(self.root, None))
        self._openings[-1].__enter__()

    def close(self) -> None:
        """Open again what was open before."""
        self._openings.pop().__exit__(None, None, None)

    @property
    def annotations(self) -> Mapping[str, records.Hint]:
        """The types of the inputs that were declared with one."""
        return self._annotations

    @property
    def inputs(self) -> WorkflowInputs:
        """What it takes: anything, as its inputs only document."""
        return WorkflowInputs(self.header.name, self.defaults)

    def compiled(self) -> Compiled:
        """Return what the steps that are there make; it is compiled anew each time."""
        if self._held is not None:
            return self._held
        keyword = inspect.Parameter.KEYWORD_ONLY
        parameters = [inspect.Parameter(name, keyword, default=value) for name, value in self.defaults.items()]
        header = self._whole_header(inspect.Signature(parameters), None)
        self._is_building = True
        try:
            return compile_definition(header, self.root, self.defaults, self.outputs, place=self.place)
        finally:
            self._is_building = False

    @contextmanager
    def held(self) -> Iterator[None]:
        """Compile once for everything that is asked meanwhile."""
        try:
            self._held = self.compiled()
        except AuthoringError:  # whoever needs it gets the same error again
            self._held = None
        try:
            yield
        finally:
            self._held = None


class LoadedBody(WorkflowBody):
    """
    A definition that exists already.

    Attributes:
        document: The JSON that it was read from, if it was.
    """

    def __init__(self, definition: WorkflowDef, document: JsonObject | None, place: str | None) -> None:
        super().__init__(Header(name=definition.name, version=definition.version, fields={}), place)
        self.document = document
        self._compiled = Compiled((definition,), CompileContext())

    def compiled(self) -> Compiled:
        """Return the definition; what it calls is known by name only."""
        return self._compiled

    @property
    def inputs(self) -> WorkflowInputs:
        """What it takes: anything, as its inputs only document."""
        return WorkflowInputs(self.header.name, dict.fromkeys(self._compiled.definition.input_parameters))

    def writing(self) -> Writing:
        """Return that nobody's Python says anything."""
        return BY_NOBODY
