"""The invariants of starts: who has an idempotency key, and who may be told that there is no room."""

from __future__ import annotations

from collections.abc import Mapping

from podium.engine.requests import StartRequest
from podium.engine.rows import WriteSet
from podium.model.errors import AlreadyExists, LimitReached, PodiumError
from podium.model.statuses import IdempotencyStrategy
from podium.testing.accounts import KnownRun, PlaceIndex, require


class StartLedger:
    """
    Every idempotency key that was taken.

    Args:
        runs: All runs, by id.
        layouts: Their definitions, by digest.
    """

    def __init__(self, runs: Mapping[str, KnownRun], layouts: Mapping[str, PlaceIndex]) -> None:
        self._runs = runs
        self._layouts = layouts
        self._holders: dict[tuple[str, str], str] = {}

    def take(self, writes: WriteSet) -> None:
        """
        Take the keys of a commit over, whose runs have been.

        Raises:
            Violation: A key was taken from a run that goes on, or whose strategy lets it keep it for ever.
        """
        for row in writes.start_keys:
            known = self._holders.get((row.name, row.key))
            require(known == row.replaces, f"the key {row.key} of {row.name} is {known}'s, and not {row.replaces}'s")
            if known is not None:
                require(row.key == IdempotencyStrategy.FAIL_ON_RUNNING, f"run {row.run_id} took a key from {known}")
                holder = self._runs[known]  # by the same commit it may have ended, and live again
                require(holder.is_ended or holder.was_reopened, f"run {row.run_id} took a key from {holder}")
            self._holders[row.name, row.key] = row.run_id

    def check_granted(self, request: StartRequest, run_id: str) -> None:
        """
        Look at a start that was acknowledged.

        Raises:
            Violation: It gave another run without sharing its key, or made one although the key was another's.
        """
        strategy = request.idempotency_strategy
        if request.idempotency_key is None or strategy is not IdempotencyStrategy.RETURN_EXISTING:
            require(run_id == request.run_id, f"the start of {request.run_id} gave {run_id}")
        else:
            holder = self._holders.get((self._runs[run_id].row.name, request.idempotency_key))
            require(run_id == holder, f"{request.idempotency_key} is {holder}'s, and the start gave {run_id}")

    def may_refuse(self, request: StartRequest, error: PodiumError, asked_at: int) -> bool:
        """Return whether a start could be refused when it was asked for, or since."""
        name = request.definition.name if request.definition is not None else request.name or ""
        if isinstance(error, LimitReached):
            return any(self._goes_on(run, asked_at) for run in self._runs.values() if self._is_limited(run, name))
        holder = self._runs.get(self._holders.get((name, request.idempotency_key or ""), ""))
        if not isinstance(error, AlreadyExists) or holder is None:
            return False
        return request.idempotency_strategy is IdempotencyStrategy.FAIL or self._goes_on(holder, asked_at)

    def _is_limited(self, run: KnownRun, name: str) -> bool:
        config = self._layouts[run.row.digest].definition.rate_limit_config
        return run.row.name == name and config is not None

    @staticmethod
    def _goes_on(run: KnownRun, since: int) -> bool:
        return not run.is_ended or run.is_cut or run.row.updated_at >= since
