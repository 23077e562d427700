from __future__ import annotations

from enum import Enum
from functools import partial
from random import Random

import pytest
from one_run import DecisionContext

from podium.backends.memory import MemoryBackend
from podium.engine.rows import WriteSet
from podium.model.errors import CommitUncertain, StoreUnavailable
from podium.model.statuses import RunStatus
from podium.testing.definitions import Shape, make_catalog
from podium.testing.witness import EngineDied


class How(Enum):
    """What goes wrong with one commit."""

    REFUSED = "it is refused"
    LOST_UNSEEN = "it is lost, and nobody knows"
    DONE_UNSEEN = "it is done, and nobody knows"
    DIES_BEFORE = "the engine dies before it"
    DIES_AFTER = "the engine dies after it"


class FailsOnce(MemoryBackend):
    """A store of which one commit goes wrong."""

    is_shared = True
    is_durable = True

    def __init__(self) -> None:
        super().__init__()
        self.number = 0
        self.how: How | None = None
        self.count = 0

    def arm(self, number: int, how: How | None) -> None:
        """Let the next commit but *number* - 1 go wrong."""
        self.number = number
        self.how = how
        self.count = 0

    def commit(self, writes: WriteSet) -> None:
        """Write, or not."""
        self.count += 1
        how = self.how if self.count == self.number else None
        if how is How.REFUSED:
            raise StoreUnavailable
        if how is How.LOST_UNSEEN:
            raise CommitUncertain
        if how is How.DIES_BEFORE:
            raise EngineDied
        super().commit(writes)
        if how is How.DONE_UNSEEN:
            raise CommitUncertain
        if how is How.DIES_AFTER:
            raise EngineDied


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("how", How)
def test_whichever_commit_fails_the_run_is_the_same(seed: int, how: How) -> None:
    """The first commit of a run fails, then the second, the third, and so on: none of them is noticed in the end."""
    catalog = make_catalog(Random(seed), Shape(tasks_max=10, is_gentle=True))
    store = FailsOnce()
    calm = DecisionContext(store, catalog, partial(store.arm, 0, None))
    calm.drive()

    for number in range(1, min(store.count, 25) + 1):
        store = FailsOnce()
        world = DecisionContext(store, catalog, partial(store.arm, number, how))
        world.drive()

        assert world.bench.run(world.run_id).status is RunStatus.COMPLETED
        assert world.shape() == calm.shape(), f"commit {number}"
