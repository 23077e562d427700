"""
The items of a fan-out, and how they become the inputs of what runs for each of them.

Conductor takes an item that is a map for the inputs themselves, and gives any other under the name ``input``. Where
that is not what the parameters ask for (a plain value for ``text``, arguments that all share), the items are put into
shape first: here if they are written down, by a jq step ``<name>_items`` before the fork if they come while it
runs.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from attrs import frozen

from podium.dsl.blocks import closed
from podium.dsl.inputs import faults_of
from podium.dsl.names import nearest
from podium.dsl.refs import Ref, refuse, target_of
from podium.dsl.script_steps import jq
from podium.dsl.steps import Step
from podium.dsl.tasks import Task
from podium.dsl.values import render
from podium.dsl.workflows import Workflow
from podium.typed import kinds, records
from podium.typed.authored import Authored

#: What runs for each item, if its parameters are known.
Known: TypeAlias = "Task[..., Any] | Workflow[..., Any]"

#: The name under which an item that is no map arrives by itself.
SCALAR = "input"


@frozen(kw_only=True)
class Items:
    """The items of one fan-out."""

    #: The fan-out, for messages.
    name: str
    #: What runs for each item; None if only its name is known.
    target: Known | None
    #: Prepared arguments that all have in common.
    shared: Mapping[str, Authored]

    def arranged(self, items: Authored) -> tuple[Authored, Step[Any] | None]:
        """
        Return the items as inputs, and the step that makes them so, if it takes one.

        Args:
            items: The prepared items: a reference to a list, or a list.

        Raises:
            AuthoringError: R3, an item or what is shared does not fit the parameters.
        """
        self._check_shared()
        if isinstance(items, Ref):
            hint = records.item_type(target_of(items).hint)
            self._check_hint(hint, "the items'")
            return self._by_query(items, self._is_whole(hint))
        ways = {self._way(index, item) for index, item in enumerate(items)}
        if not self.shared and (ways <= {False} or self._plain == SCALAR):
            return items, None
        if not any(isinstance(item, Ref) for item in items):
            return [{**self.shared, **self._inputs(item)} for item in items], None
        return self._by_query(items, ways.pop() if len(ways) == 1 else None)

    @property
    def _parameters(self) -> Mapping[str, inspect.Parameter]:
        """The parameters that an item has to fill."""
        if self.target is None:
            return {}
        named = self.target.signature.parameters.items()
        return {name: each for name, each in named if name not in self.shared and each.kind is not each.VAR_KEYWORD}

    @property
    def _plain(self) -> str:
        """The parameter that gets an item which is not the inputs themselves."""
        parameters = self._parameters
        return SCALAR if SCALAR in parameters else next(iter(parameters), SCALAR)

    def _hint(self, parameter: str) -> records.Hint:
        return Any if self.target is None else self.target.annotations.get(parameter, Any)

    def _is_whole(self, item: records.Hint) -> bool | None:
        """Return whether an item is one argument as a whole, by its declared type; None if that says nothing."""
        fields = records.fields(item)
        if fields is not None:
            is_covering = self._covers({records.wire_name(item, each) for each in fields})
            wanted = records.core(self._hint(self._plain))
            is_taken = wanted == records.core(item) or kinds.of_hint(wanted) is None
            return not is_covering and bool(is_taken)
        kind = kinds.of_hint(records.core(item))
        return None if kind is None else kind != frozenset({"object"})

    @property
    def _takes_objects(self) -> bool:
        """The parameter that gets a whole item takes objects, as far as it says."""
        kind = kinds.of_hint(self._hint(self._plain))
        return self.target is not None and (kind is None or "object" in kind)

    @property
    def _required(self) -> list[str]:
        return [name for name, each in self._parameters.items() if each.default is each.empty]

    def _covers(self, names: set[str]) -> bool:
        return names.issuperset(self._required)

    def _way(self, index: int, item: Authored) -> bool | None:
        """Look at an item that is written down, and return whether it is one argument as a whole."""
        if isinstance(item, Ref):
            hint = target_of(item).hint
            self._check_hint(hint, f"item {index}'s")
            return self._is_whole(hint)
        self._check_value(item, index)
        return self._inputs(item) is not item

    def _inputs(self, item: Authored) -> Mapping[str, Authored]:
        is_inputs = isinstance(item, Mapping) and (self._covers(set(item)) or not self._takes_objects)
        return item if is_inputs else {self._plain: item}

    def _by_query(self, items: Authored, is_whole: bool | None) -> tuple[Authored, Step[Any] | None]:
        """Let jq put items into shape that are known only later."""
        each = self._shape(is_whole)
        if not self.shared and (each == "." or (self._plain == SCALAR and self._shape(is_whole=False) == ".")):
            return items, None  # as Conductor takes them
        self._refuse_secrets()
        given = {"items": items, "shared": self.shared} if self.shared else {"items": items}
        query = f".shared as $shared | .items | map($shared + ({each}))" if self.shared else f".items | map({each})"
        with closed():
            step = jq(f"{self.name}_items", query, **given)
        return step.output, step

    def _shape(self, is_whole: bool | None) -> str:
        """Return the jq that makes inputs of an item, which does what `_inputs` does with one that is there."""
        whole = f"{{{json.dumps(self._plain)}: .}}"
        if is_whole:
            return whole
        tests = [] if is_whole is False else ['type == "object"']
        if self._takes_objects:
            tests += [f"has({json.dumps(name)})" for name in self._required]
        return f"if {' and '.join(tests)} then . else {whole} end" if tests else "."

    # -- what is refused -----------------------------------------------------------------------------------------------

    def _refuse_secrets(self) -> None:
        if "${workflow.secrets." in json.dumps(render(self.shared)):
            refuse(
                f"fan_out {self.name!r}: a secret is put in when a task is handed out, and cannot be shared by items "
                "that are known only while the workflow runs; fan out over a workflow that gives it to its task"
            )

    def _check_shared(self) -> None:
        if self.target is None:
            return
        parameters = self.target.signature.parameters
        takes_any = any(each.kind is each.VAR_KEYWORD for each in parameters.values())
        for name, value in self.shared.items():
            if name not in parameters and not takes_any:
                near = nearest(name, parameters)
                advice = f"did you mean {near!r}?" if near else f"it has {', '.join(parameters) or 'none'}"
                refuse(f"fan_out {self.name!r}: {self.target!r} has no parameter {name!r}; {advice}", code="R3")
            if not any(_references(value)):
                for fault in faults_of(value, self._hint(name), name):
                    refuse(f"fan_out {self.name!r}: {fault}", code="R3")

    def _check_hint(self, item: records.Hint, whose: str) -> None:
        """Look at the declared type of an item."""
        if self.target is None:
            return
        core = records.core(item)
        if kinds.of_hint(core) in {None, frozenset({"object"})} and records.fields(core) is None:
            return
        fields = records.fields(item)
        is_whole = self._is_whole(item)
        if fields is None or is_whole:
            given: Mapping[str, records.Hint] = {self._plain: item}
            advice = f"an item fills {self._plain!r}; give the others to all, {self._example()}"
        else:
            given = {records.wire_name(item, each): fields[each] for each in fields}
            advice = f"{whose} fields are {', '.join(given)}, and each of them is an argument of its own"
        self._refuse_missing(given, advice)
        for parameter, wanted in self._declared():
            found, needed = kinds.of_hint(given.get(parameter, Any)), kinds.of_hint(wanted)
            if kinds.clash(found, needed) and found is not None and needed is not None:
                refuse(
                    f"fan_out {self.name!r}: {parameter} of {self.target!r} is {kinds.described(needed)}, "
                    f"and {whose} {parameter if fields and not is_whole else 'own type'} is {kinds.described(found)}",
                    code="R3",
                )

    def _check_value(self, item: Authored, index: int) -> None:
        """Look at an item that is there already; what is a reference in it is known only later."""
        if self.target is None:
            return
        given = self._inputs(item)
        advice = (
            f"item {index} has {', '.join(given) or 'nothing'}"
            if given is item
            else f"an item fills {self._plain!r}; give the others to all, {self._example()}"
        )
        self._refuse_missing(given, advice)
        for parameter, hint in self._declared():
            if parameter in given and not any(_references(given[parameter])):
                for fault in faults_of(given[parameter], hint, f"items[{index}].{parameter}"):
                    refuse(f"fan_out {self.name!r}: {fault}", code="R3")

    def _example(self) -> str:
        others = [name for name in self._parameters if name != self._plain]
        return f"fan_out(..., {others[-1] if others else 'name'}=...), or make the items maps"

    def _refuse_missing(self, given: Mapping[str, object], advice: str) -> None:
        missing = [name for name in self._required if name not in given]
        if missing:
            refuse(f"fan_out {self.name!r}: {self.target!r} needs {', '.join(missing)}; {advice}", code="R3")

    def _declared(self) -> Iterator[tuple[str, records.Hint]]:
        """Yield the parameters of known types; where null stands for the default, the type is not the whole truth."""
        for name, parameter in self._parameters.items():
            if parameter.default is not None:
                yield name, self._hint(name)


def _references(value: Authored) -> Iterator[bool]:
    if isinstance(value, Mapping | list):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from _references(item)
    else:
        yield isinstance(value, Ref) or (isinstance(value, str) and "${" in value)
