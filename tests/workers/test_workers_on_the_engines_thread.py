"""Quick functions run on the engine's own thread, and hold nobody up when they are not quick after all."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

import podium
from podium import EmbeddedClient, task, workflow
from podium.engine.thread_loans import IdleWork, ThreadLoan
from podium.workers.attempts import Attempt
from podium.workers.functions import WorkerFunction
from podium.workers.reporter import ResultReporter

_TIMEOUT_S = 30
#: Calls until a function is known to be quick, however slow its first calls were.
_CALLS = 200

threads: set[str] = set()
gate = threading.Event()
is_in = threading.Event()


@task
def quick(x: int) -> int:
    """Note where it runs."""
    threads.add(threading.current_thread().name)
    return x + 1


@task
def moody(x: int) -> int:
    """Be quick for positive numbers, else wait for the gate."""
    if x < 0:
        is_in.set()
        gate.wait(_TIMEOUT_S)
    return x


@task
def starting(x: int) -> int:
    """Start another run, for the number 0, and wait until it is there."""
    if x == 0:
        _clients[0].start(short, {"x": 1})
    return x


@workflow
def short(x: int) -> int:
    """One quick step."""
    return quick(x).as_("only").output


@workflow
def moods(x: int) -> int:
    """One step that is quick or not."""
    return moody(x).as_("only").output


@workflow
def starts(x: int) -> int:
    """One step that may ask the engine for something."""
    return starting(x).as_("only").output


_clients: list[EmbeddedClient] = []


@pytest.fixture
def client() -> Iterator[EmbeddedClient]:
    """Yield a client with workers."""
    threads.clear()
    gate.clear()
    is_in.clear()
    with podium.connect("memory://") as client, client.workers([quick, moody, starting]):
        _clients[:] = [client]
        yield client
        gate.set()


def _teach(client: EmbeddedClient, flow: podium.Workflow, count: int = _CALLS) -> None:
    for number in range(count):
        assert client.run(flow, {"x": number + 1}, timeout=_TIMEOUT_S).status.is_successful


def test_quick_functions_run_where_they_were_handed_out(client: EmbeddedClient) -> None:
    """A function that is known to take no time needs no thread of its own."""
    _teach(client, short)

    threads.clear()
    _teach(client, short)

    assert "podium-kernel" in threads


def test_a_function_that_is_not_quick_after_all_holds_nobody_up(client: EmbeddedClient) -> None:
    """While it waits on the engine's thread, others start and end on another; its result counts all the same."""
    _teach(client, moods)
    waiting = client.start(moods, {"x": -1})
    assert is_in.wait(_TIMEOUT_S)

    _teach(client, short, 3)

    assert not client.get(waiting).status.is_terminal
    gate.set()
    assert client.wait(waiting, _TIMEOUT_S).output == {"result": -1}
    _teach(client, moods, 3)


def test_the_watch_sees_that_work_is_done_on_the_engines_thread(
    client: EmbeddedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What begins there is lent from the first: else the watch might count a thread that never comes back for more."""
    seen: list[tuple[str, bool]] = []
    begin = ResultReporter.begin

    def observed(reporter: ResultReporter, attempt: Attempt) -> None:
        seen.append((threading.current_thread().name, attempt.loan is not None))
        begin(reporter, attempt)

    monkeypatch.setattr(ResultReporter, "begin", observed)
    _teach(client, short)

    assert {is_lent for name, is_lent in seen if name == "podium-kernel"} == {True}


def test_a_function_may_ask_the_engine_on_whose_thread_it_runs(client: EmbeddedClient) -> None:
    """What waits for an answer of the engine gets one."""
    _teach(client, starts)

    assert client.run(starts, {"x": 0}, timeout=_TIMEOUT_S).output == {"result": 0}
    assert len(client.search(name="short")) == 1


def test_a_client_is_closed_while_a_function_has_the_engines_thread() -> None:
    """Closing waits for the pool's patience, not for the function."""
    gate.clear()
    is_in.clear()
    with podium.connect("memory://") as client, client.workers([moody], concurrency=1) as pool:
        _teach(client, moods)
        client.start(moods, {"x": -1})
        assert is_in.wait(_TIMEOUT_S)
        pool._grace_s = 0.0
    gate.set()


def test_who_held_the_engine_up_must_prove_itself() -> None:
    """After a call that held the engine up a thousand must be quick, after the next one four thousand."""
    function = WorkerFunction(quick, lambda value: value, lambda _: None)
    assert not function.is_quick
    proofs = []
    for _ in range(2):
        function.held_up()
        count = 0
        while not function.is_quick:
            function.took(0.000001)
            count += 1
        proofs.append(count)

    assert proofs == [1_000, 4_000]


def test_a_loan_has_one_end() -> None:
    """It is given back, or another thread takes the place; what comes second changes nothing."""
    replaced: list[int] = []
    given_back = ThreadLoan(lambda: False, lambda: replaced.append(1))
    assert (given_back.is_wanted, given_back.end(), given_back.is_wanted) == (False, True, True)
    given_back.call_off()
    assert replaced == []

    called_off = ThreadLoan(lambda: False, lambda: replaced.append(2))
    called_off.call_off()
    called_off.call_off()
    assert (replaced, called_off.is_wanted, called_off.end()) == ([2], True, False)


def test_what_waits_for_a_thread_that_was_replaced_is_done_by_the_next() -> None:
    """A thread that comes back too late begins nothing more."""
    done: list[str] = []
    errands = IdleWork(lambda: False, lambda: None)
    errands.add(lambda loan: loan.call_off())
    errands.add(lambda _: done.append("second"))

    assert not errands.run()
    assert (done, bool(errands)) == ([], True)
    assert errands.run()
    assert (done, bool(errands)) == (["second"], False)
