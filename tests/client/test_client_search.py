"""`client.search` by what went in and came out of runs."""

from __future__ import annotations

import pytest

import podium
from podium.dsl import noop
from podium.model.errors import InvalidRequest


@podium.task
def greet(name: str, where: dict[str, str]) -> dict[str, object]:
    """Return a greeting."""
    return {"text": f'hello "{name}"', "where": where}


@podium.workflow
def greeting(name: str, number: float, where: dict[str, str]) -> dict[str, object]:
    """Greet."""
    return greet(name, where).output


@podium.workflow(masked_fields=("card",))
def paying(card: str) -> None:
    """Keep a card to itself."""
    noop("done")


def test_runs_are_found_by_what_they_hold(client: podium.Client) -> None:
    """Values by key, parts of maps, and text wherever it stands; with other conditions, in pages."""
    with client.workers([greet]):
        names = ["Ada", "Ada", "Bob", "Zoë", 'say "hi"']
        towns = [{"city": "Köln" if number % 2 else "Rome", "street": "A"} for number in range(5)]
        ids = {}
        for number, name in enumerate(names):
            given = {"name": name, "number": float(number), "where": towns[number]}
            run = client.run(greeting, given, timeout=20, correlation_id=f"order-{number}")
            ids[number] = run.workflow_id

        def found(**conditions: object) -> list[int]:
            runs = client.search(**conditions)  # type: ignore[arg-type]  # conditions of several kinds
            return sorted(number for number, run_id in ids.items() if run_id in {run.workflow_id for run in runs})

        assert found(input={"name": "Ada"}) == [0, 1]
        assert found(input={"number": 3}) == [3], "numbers are equal as numbers are"
        assert found(input={"where": {"city": "Rome"}}) == [0, 2, 4]
        assert found(input={"name": "Ada", "where": {"city": "Rome"}}) == [0]
        assert found(output={"result": {"where": {"city": "Köln", "street": "A"}}}) == [1, 3]
        assert found(input={"name": "Ad"}) == found(input={"where": {"town": "Rome"}}) == []
        assert found(text="Zoë") == [3]
        assert found(text='hello "Bob"') == [2]
        assert found(text="order-4") == [4]
        assert found(text="zoë") == []
        assert found(text="hello", name="greeting", input={"name": "Bob"}) == [2]
        newest = client.search(text="hello")
        assert [*client.search(text="hello", limit=2), *client.search(text="hello", limit=9, offset=2)] == list(newest)
        with pytest.raises(InvalidRequest, match="JSON object"):
            client.search(input=["Ada"])  # type: ignore[arg-type]  # what is refused


def test_what_is_masked_is_not_found(client: podium.Client) -> None:
    """A search tells nobody whether a run has a value that it is not shown."""
    client.run(paying, {"card": "4111"}, timeout=20)
    assert len(client.search(name="paying")) == 1
    assert list(client.search(text="4111")) == list(client.search(input={"card": "4111"})) == []
