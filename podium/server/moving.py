"""What moves a live run to another place, for who may block: a jump, and another version of its workflow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from podium.engine.events import Jump
from podium.engine.requests import UpgradeRequest
from podium.model.values import JsonValue

if TYPE_CHECKING:
    from podium.server.desk import Desk


def jump(desk: Desk, run_id: str, ref: str, overlay: Mapping[str, JsonValue]) -> None:
    """
    Let a run go on at a later task of its workflow's own list; what lives and what lies between is SKIPPED.

    Args:
        desk: The engine.
        run_id: The run.
        ref: The task.
        overlay: Is laid over what the task's parameters give.

    Raises:
        IllegalTransition: The run cannot go on there.
    """
    desk.kernel.ask(Jump(run_id, ref, overlay)).wait()


def upgrade(desk: Desk, run_id: str, version: int) -> None:
    """
    Let a run go on by another version of its workflow, from where it is.

    Raises:
        IllegalTransition: That version has not all places that the run has come to.
    """
    desk.kernel.ask(UpgradeRequest(run_id, version)).wait()
