"""
What event handlers do with messages.

Conductor: ``DefaultEventProcessor.java``. Messages of EVENT tasks come from the store, in which they wait since the
commit that ended the task (`podium.client.outbox`); others from sources. Each comes at least once, and what it does
happens once: a start by its key (`podium.client.event_actions`), the end of an attempt because it does not change.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from math import isnan
from typing import Any

from podium.client.event_actions import REQUESTS, ActionContext
from podium.engine.batch import Request
from podium.engine.ports import IdSource, RegistryStore
from podium.expressions.document import MappingDocument
from podium.expressions.evaluators import evaluate
from podium.expressions.isolation import Isolation
from podium.expressions.plain_script import TooMuchWork, plain_script
from podium.expressions.python_script import PythonScripts
from podium.expressions.template import compile_template
from podium.model.codec import from_json
from podium.model.errors import EngineStopped, PodiumError, StoreError
from podium.model.handlers import EventHandler
from podium.model.messages import INTERNAL, EventMessage
from podium.model.payloads import parse
from podium.model.values import JsonObject, JsonValue

_log = logging.getLogger("podium.events")

#: What handlers are among the store's entries.
KIND = "event_handler"

#: Asks the engine, and waits for its answer.
Ask = Callable[[Request], Any]


class ConditionScripts:
    """Evaluates the conditions of handlers: formulas at once, other scripts in a process of their own."""

    def __init__(self) -> None:
        self._javascript = Isolation(processes=1)
        self._python = PythonScripts(processes=1)

    def evaluate(self, script: str, bindings: Mapping[str, JsonValue]) -> JsonValue:
        """Return a script's value; see `podium.expressions.evaluators.ScriptEvaluators`."""
        formula = plain_script(script)
        if formula is not None:
            try:
                return formula.evaluate(bindings)
            except TooMuchWork:
                pass  # it may still be done, where it holds nobody up
        return self._javascript.evaluate(script, dict(bindings))

    def run_python(self, script: str, bindings: Mapping[str, JsonValue]) -> JsonValue:
        """Return what a script in Python returns; see `podium.expressions.evaluators.ScriptEvaluators`."""
        return self._python.evaluate(script, dict(bindings))

    def close(self) -> None:
        """End the processes."""
        self._javascript.close()
        self._python.close()


class EventProcessor:
    """
    Hands messages to the handlers of their queue.

    Args:
        registry: Where handlers are.
        ids: Gives ids to new runs.
        environment: The values of ``${workflow.env.NAME}``.
        ask: Asks the engine.
    """

    def __init__(self, registry: RegistryStore, ids: IdSource, environment: Mapping[str, str], ask: Ask) -> None:
        self._registry = registry
        self._ids = ids
        self._environment = environment
        self._scripts = ConditionScripts()
        self._ask = ask
        self._known: tuple[int, Mapping[str, Sequence[EventHandler]]] = (-1, {})

    def handlers(self) -> Mapping[str, Sequence[EventHandler]]:
        """Return the active handlers by their events; read anew when somebody has changed some."""
        version = self._registry.registry_version()
        if version != self._known[0]:
            found: dict[str, list[EventHandler]] = {}
            for row in self._registry.entries(KIND):
                handler = from_json(row.body, EventHandler)
                if handler.active:
                    found.setdefault(handler.event, []).append(handler)
            self._known = version, found
        return self._known[1]

    def close(self) -> None:
        """End what evaluates conditions."""
        self._scripts.close()

    def take_internal(self, message: EventMessage) -> None:
        """Deal with the message of an EVENT task; see `podium.model.messages.EventSink`."""
        self.take(f"{INTERNAL}:{message.queue}", message)

    def take(self, event: str, message: EventMessage) -> None:
        """
        Deal with a message; what a handler cannot do is logged, and does not stop the others.

        Args:
            event: The whole name of its queue, such as ``kafka:orders``.
            message: The message; its id is the same if it comes again.

        Raises:
            StoreError, EngineStopped: It cannot be dealt with now, and must come again.
        """
        for handler in self.handlers().get(event, ()):
            try:
                if not self._is_meant(handler, message):
                    continue
            except (StoreError, EngineStopped):
                raise
            except PodiumError as error:
                _log.warning(
                    "event handler %r passes message %s by: its condition: %s", handler.name, message.id, error
                )
                continue
            for number, action in enumerate(handler.actions):
                self._act(handler, number, action, message)

    def _is_meant(self, handler: EventHandler, message: EventMessage) -> bool:
        if not handler.condition:
            return True
        payload: Any = _expanded(message.payload)
        return _is_true(
            evaluate(handler.evaluator_type or "javascript", handler.condition, payload, scripts=self._scripts)
        )

    def _act(self, handler: EventHandler, number: int, action: JsonObject, message: EventMessage) -> None:
        kind = str(action["action"])
        payload = _expanded(message.payload) if action.get("expandInlineJSON") else message.payload
        try:
            body = self._resolved(action[kind], payload)
            key = f"{message.id}_{handler.name}_{number}"
            self._ask(REQUESTS[kind](body, ActionContext(handler.event, message.id, payload, key, self._ids.run_id())))
        except (StoreError, EngineStopped):
            raise
        except (PodiumError, TypeError, ValueError) as error:  # what the message fills in may be of any type
            _log.warning("event handler %r: %s for message %s: %s", handler.name, kind, message.id, error)
        else:
            _log.info("event handler %r: %s for message %s", handler.name, kind, message.id)

    def _resolved(self, body: JsonValue, payload: JsonValue) -> dict[str, Any]:
        """Return the body of an action with its ``${…}`` filled in; ``${$}`` and ``${$.…}`` mean the payload too."""
        roots: dict[str, JsonValue] = {**payload, "$": payload} if isinstance(payload, Mapping) else {"$": payload}
        template = compile_template(dict(body) if isinstance(body, Mapping) else {})
        return template.resolve(MappingDocument(roots), environment=self._environment, task_id=None)


def _is_true(value: JsonValue) -> bool:
    """Return whether JavaScript takes a value for true."""
    return isinstance(value, dict | list) or (bool(value) and not (isinstance(value, float) and isnan(value)))


def _expanded(payload: JsonValue) -> JsonValue:
    """Return a payload in which texts that are JSON objects or lists have been read."""
    if isinstance(payload, Mapping):
        return {name: _expanded(value) for name, value in payload.items()}
    if isinstance(payload, list):
        return [_expanded(value) for value in payload]
    if isinstance(payload, str) and payload[:1] in {"{", "["}:
        try:
            return _expanded(parse(payload.encode()))
        except ValueError:
            return payload
    return payload
