"""Results of tasks that come in through a client, from somebody or something outside of the workers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from podium.client.checked import checked_object, checked_report, checked_result
from podium.client.declared import DeclaredTypes
from podium.client.driving import BlockingCall
from podium.client.engine import EmbeddedEngine
from podium.engine import ids
from podium.engine.events import ReportByName
from podium.model.assignments import Report
from podium.model.runs import TaskResult
from podium.model.statuses import TaskStatus
from podium.model.values import JsonValue


class OutsideResults:
    """
    Takes results in.

    Args:
        engine: Where the runs are.
        declared: What the results must be.
    """

    def __init__(self, engine: EmbeddedEngine, declared: DeclaredTypes) -> None:
        self._engine = engine
        self._declared = declared

    async def update(self, result: TaskResult) -> None:
        """Take in how an attempt stands, by its id."""
        result = checked_result(result)
        run_id, seq = ids.locate(result.task_id)
        output = result.output_data
        if result.status == TaskStatus.COMPLETED:
            attempt = await BlockingCall(lambda: self._engine.reader.task(result.task_id))
            await self._refuse_wrong(run_id, attempt.reference_task_name, lambda: output)
        report = Report(
            run_id,
            seq,
            result.status,
            output,
            result.reason_for_incompletion,
            worker_id=result.worker_id,
            callback_after_s=result.callback_after_seconds,
            logs=[(line.created_time or self._engine.clock.now(), line.log) for line in result.logs],
            is_heartbeat=result.extend_lease,
            sub_workflow_id=result.sub_workflow_id,
        )
        await self._engine.ask(report)

    async def complete(
        self,
        run_id: str,
        reference_name: str,
        output: Mapping[str, object] | None,
        status: TaskStatus | str,
        **more: Any,
    ) -> None:
        """Take in how the live attempt of a reference name stands; *more* are fields of `ReportByName`."""
        given = checked_object(output, "the output")
        if status == TaskStatus.COMPLETED:
            await self._refuse_wrong(
                run_id, reference_name, lambda: {**self._output_so_far(run_id, reference_name), **given}
            )
        await self._engine.ask(ReportByName(run_id, reference_name, checked_report(status), given, **more))

    async def _refuse_wrong(
        self, run_id: str, reference_name: str, output: Callable[[], Mapping[str, JsonValue]]
    ) -> None:
        def refuse() -> None:
            run = self._engine.reader.run(run_id, with_tasks=False)
            self._declared.refuse_wrong(run, reference_name, output)

        await BlockingCall(refuse)

    def _output_so_far(self, run_id: str, reference_name: str) -> Mapping[str, JsonValue]:
        attempt = self._engine.reader.run(run_id, is_masked=False).task(reference_name)
        return {} if attempt is None else attempt.output_data
