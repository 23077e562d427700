"""The scripts of an engine whose runs may have none: interpreters and processes are there from the first one on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from podium.model.later import named

if TYPE_CHECKING:
    from podium.engine.config import ScriptRunner
    from podium.engine.missing import ScriptCall
    from podium.model.values import JsonValue


class LateScripts:
    """Runs scripts as `podium.engine.scripts.IsolatedScripts` does, which is loaded and made with the first."""

    @cached_property
    def _scripts(self) -> ScriptRunner:
        made: ScriptRunner = named("podium.engine.scripts:IsolatedScripts")()
        return made

    @property
    def _is_made(self) -> bool:
        return "_scripts" in self.__dict__

    def evaluate(self, script: str, bindings: Mapping[str, JsonValue]) -> JsonValue:
        """Return a script's value, or raise `Missing`."""
        return self._scripts.evaluate(script, bindings)

    def run_python(self, script: str, bindings: Mapping[str, JsonValue]) -> JsonValue:
        """Return what a script in Python returns, or raise `Missing`."""
        return self._scripts.run_python(script, bindings)

    def transform(self, query: str, data: JsonValue) -> tuple[JsonValue, list[JsonValue]]:
        """Return a query's results, or raise `Missing`."""
        return self._scripts.transform(query, data)

    def run(self, call: ScriptCall) -> bool:
        """Run what was missing, so that the next call gives it; False if that takes long."""
        return self._scripts.run(call)

    def run_aside(self, call: ScriptCall, done: Callable[[], None]) -> None:
        """Run a script elsewhere; *done* is called when its result is there."""
        self._scripts.run_aside(call, done)

    def settled(self) -> None:
        """The decisions that used results are committed."""
        if self._is_made:
            self._scripts.settled()

    def close(self) -> None:
        """Stop what was made."""
        if self._is_made:
            self._scripts.close()
