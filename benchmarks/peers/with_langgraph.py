"""The chain on LangGraph, whose checkpointer writes SQLite before each next step."""

import sqlite3
from typing import TypedDict

from chains import LENGTH, measured
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import END, START, StateGraph


class _State(TypedDict):
    x: int


def main(folder: str) -> None:
    """Measure and print."""
    connection = sqlite3.connect(f"{folder}/langgraph.db", check_same_thread=False)
    graph = StateGraph(_State)
    names = [f"s{number}" for number in range(LENGTH)]
    for name in names:
        graph.add_node(name, lambda state: {"x": state["x"] + 1})
    for before, after in zip([START, *names], [*names, END], strict=True):
        graph.add_edge(before, after)
    saver = SqliteSaver(connection)  # it sets journal_mode=WAL by itself
    saver.setup()
    connection.execute("PRAGMA synchronous=FULL")
    compiled = graph.compile(checkpointer=saver)

    def run(number: int) -> int:
        thread = {"configurable": {"thread_id": str(number)}}
        return int(compiled.invoke({"x": number}, thread, durability="sync")["x"])

    measured("langgraph", run)


if __name__ == "__main__":
    import sys

    main(sys.argv[1])
