"""The chain on Burr, whose own persister keeps the state in SQLite after each action."""

import sqlite3
from itertools import pairwise

from burr.core import ApplicationBuilder, State, action
from burr.core.persistence import SQLitePersister
from chains import LENGTH, measured


@action(reads=["x"], writes=["x"])
def add_one(state: State) -> State:
    """Add one."""
    return state.update(x=state["x"] + 1)


def main(folder: str) -> None:
    """Measure and print."""
    connection = sqlite3.connect(f"{folder}/burr.db", check_same_thread=False, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    persister = SQLitePersister("", connection=connection)
    persister.initialize()
    names = [f"s{number}" for number in range(LENGTH)]

    def run(number: int) -> int:
        application = (
            ApplicationBuilder()
            .with_actions(**dict.fromkeys(names, add_one))
            .with_transitions(*pairwise(names))
            .with_entrypoint(names[0])
            .with_state(x=number)
            .with_identifiers(app_id=str(number))
            .with_state_persister(persister)
            .build()
        )
        _, _, state = application.run(halt_after=[names[-1]])
        return int(state["x"])

    measured("burr", run)


if __name__ == "__main__":
    import sys

    main(sys.argv[1])
