"""The chain on DBOS, with its system database in SQLite (WAL)."""

import sqlite3

from chains import LENGTH, measured
from dbos import DBOS


def main(folder: str) -> None:
    """Measure and print."""
    path = f"{folder}/dbos.db"
    sqlite3.connect(path).execute("PRAGMA journal_mode=WAL")
    DBOS(config={"name": "chains", "system_database_url": f"sqlite:///{path}", "log_level": "ERROR"})

    @DBOS.step()
    def add_one(x: int) -> int:
        return x + 1

    @DBOS.workflow()
    def chain(x: int) -> int:
        for _ in range(LENGTH):
            x = add_one(x)
        return x

    DBOS.launch()
    try:
        measured("dbos", chain)
    finally:
        DBOS.destroy()


if __name__ == "__main__":
    import sys

    main(sys.argv[1])
