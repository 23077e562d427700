"""JSON_JQ_TRANSFORM: a jq program over the task's input. Conductor: ``JsonJqTransform.java``."""

from __future__ import annotations

from podium.engine.decision import Decision
from podium.engine.operators.base import Operator
from podium.engine.records import TaskRecord
from podium.expressions.jq import JqError
from podium.expressions.secrets import deliver_secrets
from podium.model.statuses import TaskStatus


class JqTransform(Operator):
    """JSON_JQ_TRANSFORM: ``.`` is the whole input; ``result`` is the first value, ``resultList`` all of them."""

    can_be_named = True

    def begin(self, decision: Decision, record: TaskRecord) -> None:
        """Run the query over the input, and end with its results."""
        query = record.input.get("queryExpression")
        if not isinstance(query, str) or not query:
            decision.end(record, TaskStatus.FAILED, reason="Missing 'queryExpression' in input parameters")
            return
        inputs = deliver_secrets(record.input, decision.context.secrets, record.input_bytes)
        try:
            first, every = decision.context.scripts.transform(str(inputs["queryExpression"]), inputs)
        except JqError as error:
            decision.end(record, TaskStatus.FAILED, {"error": str(error)}, str(error))
        else:
            decision.end(record, TaskStatus.COMPLETED, {"result": first, "resultList": every})
