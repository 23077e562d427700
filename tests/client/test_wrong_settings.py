"""Settings of clients, schedules and tasks that cannot be right are refused in words that name them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

import podium
from podium import Schedule, js, python, task
from podium.client import HttpPolicy, Limits
from podium.model.errors import AuthoringError, InvalidRequest
from podium.testing import failed, simulate, virtual


def _look(number: int) -> int:
    return number


@podium.workflow(name="nothing")
def _nothing() -> None:
    podium.noop("at_all")


def _joins_numbers() -> None:
    podium.noop("before")
    podium.join("all", on=[1])  # type: ignore[list-item]  # the mistake


def _settled(**settings: Any) -> object:
    return podium.workflow(**settings)(_look)


def _client(use: Callable[[Any], object]) -> object:
    with podium.connect() as client:
        return use(client)


def _search(**options: Any) -> object:
    with podium.connect() as client:
        return client.search(**options)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda: podium.connect(sinks=3), "sinks= maps kinds of sinks to functions"),  # type: ignore[arg-type]  # the mistake
        (lambda: podium.connect(sinks={"kafka": 3}), "that of 'kafka' is 3"),  # type: ignore[dict-item]  # the mistake
        (lambda: podium.connect(http=3), "http= takes a podium.client.HttpPolicy, not 3"),  # type: ignore[arg-type]  # the mistake
        (lambda: podium.connect(kafka=3), "kafka= takes settings"),  # type: ignore[arg-type]  # the mistake
        (lambda: podium.connect(limits=3), "limits= takes a podium.client.Limits, not 3"),  # type: ignore[arg-type]  # the mistake
        (lambda: podium.connect(databases="sqlite://"), "databases= maps names to addresses"),  # type: ignore[arg-type]  # the mistake
        (lambda: HttpPolicy(per_host=0), "HttpPolicy: per_host is a whole number above 0, not 0"),
        (lambda: HttpPolicy(private="no"), "HttpPolicy: private is True or False, not 'no'"),  # type: ignore[arg-type]  # the mistake
        (lambda: HttpPolicy(allow=[3]), "a host is a text, such as 'api.example.com', not 3"),  # type: ignore[list-item]  # the mistake
        (lambda: HttpPolicy(allow=3), "a list of hosts is expected, such as ['api.example.com'], not 3"),  # type: ignore[arg-type]  # the mistake
        (lambda: HttpPolicy(per_host=1.5), "HttpPolicy: per_host is a whole number above 0, not 1.5"),  # type: ignore[arg-type]  # the mistake
        (lambda: HttpPolicy(transfer_s=float("nan")), "HttpPolicy: transfer_s is a number of seconds, not nan"),
        (lambda: HttpPolicy(proxy=3), "HttpPolicy: proxy is an address such as 'http://proxy.example.com:3128'"),  # type: ignore[arg-type]  # the mistake
        (lambda: HttpPolicy(proxy="proxy.example.com"), "HttpPolicy: proxy is an address such as"),
        (lambda: HttpPolicy(tls_ca="/nope"), "HttpPolicy: tls_ca='/nope' cannot be used: [Errno 2] No such file"),
        (lambda: HttpPolicy(tls_ca=__file__), "cannot be used: "),
        (lambda: HttpPolicy(tls_certificate=3), "HttpPolicy: tls_certificate=3 cannot be used"),  # type: ignore[arg-type]  # the mistake
        (lambda: podium.load("order"), "there is no such file (a workflow is given as itself"),
        (lambda: podium.load("a\0b"), "is no path of a file"),
        (lambda: Schedule("@daily", zone=[]), "zone: the name of a time zone is expected, such as 'UTC', not []"),  # type: ignore[arg-type]  # the mistake
        (lambda: Schedule("@daily", description=3), "description: a text without U+0000 is expected, not 3"),  # type: ignore[arg-type]  # the mistake
        (lambda: Schedule("@daily", correlation_id="a\0b"), "correlation_id: a text without U+0000 is expected"),
        (lambda: Schedule("@daily", task_to_domain={"a": 3}), "task_to_domain: a map of task names"),  # type: ignore[dict-item]  # the mistake
        (lambda: Schedule("@daily", extra=3), "extra: a map of JSON keys is expected"),  # type: ignore[arg-type]  # the mistake
        (
            lambda: _client(lambda one: one.schedules.next(3)),
            "a schedule, its name or a cron expression is expected, not 3",
        ),
        (lambda: _client(lambda one: one.prune(older_than=None)), "older_than: "),
        (lambda: _client(lambda one: one.prune(older_than="1d", archive=3)), "archive: the path of a file or a folder"),
        (
            lambda: _client(lambda one: one.start(_nothing, version=3)),
            "version=3: what was given is version 1 of 'nothing'",
        ),
        (lambda: _client(lambda one: one.run(_nothing, timeout=float("nan"))), "timeout=nan: a number is expected"),
        (lambda: _client(lambda one: one.bulk("pause", "run")), "bulk: a list of runs' ids is expected, not 'run'"),
        (lambda: _client(lambda one: one.bulk("pause", [3])), "run_ids=[3]: a list of texts is expected"),
        (lambda: _client(lambda one: one.bulk("pause", ["r"], reason="x")), "pause() takes no 'reason'"),
        (lambda: _client(lambda one: one.pending_humans(limit=-1)), "limit=-1: a whole number from 0 upwards"),
        (lambda: _client(lambda one: one.complete_task("r", "t", status=[])), "a task cannot be reported as []"),
        (lambda: simulate(_nothing, priority=200), "priority: 200 should be between 0 and 99"),
        (lambda: simulate(_nothing, only_mocks="no"), "only_mocks='no': True or False is expected"),
        (lambda: simulate(_nothing, seed="x"), "seed='x': a whole number is expected"),
        (lambda: simulate(""), "'': "),
        (lambda: simulate(_nothing, mocks={"taskRefToMockOutput": 3}), "maps reference names to lists, not 3"),
        (lambda: failed(3), "failed() takes a reason or an exception, such as failed('no route'), not 3"),  # type: ignore[arg-type]  # the mistake
        (lambda: virtual.connect(seed="x"), "seed='x': a whole number is expected"),  # type: ignore[arg-type]  # the mistake
        (lambda: Limits(payload_bytes=-1), "Limits: payload_bytes is a whole number from 2 upwards, not -1"),
        (lambda: Limits(depth=1000), "Limits: depth is a whole number from 1 to 254, not 1000"),
        (lambda: _search(started="monday"), "started is a first and a last moment, such as (monday, None)"),
        (lambda: _search(ended=("x", None)), "ended: a datetime or None is expected, not 'x'"),
        (lambda: _search(limit=-1), "limit=-1: a whole number from 0 upwards is expected"),
        (lambda: _search(offset=10**20), "offset=100000000000000000000: a whole number of at most 64 bits is expected"),
        (lambda: _search(version=-(10**20)), "version=-100000000000000000000: a whole number of at most 64 bits"),
        (lambda: _search(name="a\0b"), "name holds the character U+0000"),
        (lambda: _search(correlation_id="\ud800"), "correlation_id is a text that is no Unicode"),
        (lambda: Schedule("@daily", zone=3), "zone: the name of a time zone is expected"),  # type: ignore[arg-type]  # the mistake
        (lambda: Schedule("@daily", version="x"), "version: a whole number is expected"),  # type: ignore[arg-type]  # the mistake
        (lambda: Schedule("@daily", paused="yes"), "paused: True or False is expected"),  # type: ignore[arg-type]  # the mistake
        (lambda: Schedule("* * * * *").next(10**9), "count: a whole number from 0 to 10,000 is expected"),
        (lambda: Schedule("* * * * *").next(-1), "count: a whole number from 0 to 10,000 is expected"),
    ],
)
def test_a_wrong_setting_is_refused_with_its_name(wrong: Callable[[], object], words: str) -> None:
    """Neither a traceback of ours, nor a loop without an end, nor silence until a run needs it."""
    with pytest.raises((InvalidRequest, FileNotFoundError)) as caught:
        wrong()
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"x": object()}, 'kafka=: No such configuration property: "x"'),
        ({"security.protocol": "nope"}, 'Invalid value "nope" for configuration property "security.protocol"'),
    ],
)
def test_settings_that_kafka_does_not_know_are_refused(settings: dict[str, Any], words: str) -> None:
    """Where they are given, by the library itself; no connection is made."""
    pytest.importorskip("confluent_kafka")
    with pytest.raises(InvalidRequest, match=re.escape(words)):
        podium.connect(kafka=settings)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda: task(_look, name=""), "name='': the name that workers poll for is expected"),
        (lambda: task(_look, name=3), "name=3: the name that workers poll for is expected"),  # type: ignore[call-overload]  # the mistake
        (lambda: task(_look, name="a", concurrency_limit=-1), "concurrency_limit=-1 must be 1 or more"),
        (lambda: task(_look, name="b", rate_limit=(-1, "1s")), "rate_limit=-1 must be 1 or more"),
        (lambda: task(_look, name="c", input_schema=[]), "input_schema=[] is no schema; give a record class"),  # type: ignore[call-overload]  # the mistake
        (lambda: _settled(rate_limit=("key", 0)), "rate_limit: 0 runs at once; at least 1 must be let in"),
        (lambda: _settled(undo={1: 2}), "there is no setting 1"),
        (lambda: _settled(masked_fields="password"), "masked_fields='password': a list of texts is expected"),
        (lambda: task(_look, name="d")(1).opts(retries=-1).compile(None), "retries=-1 must be 0 or more"),  # type: ignore[arg-type]  # nobody looks
        (lambda: podium.pull_messages("m", batch_size=0), "pull_messages 'm': batch_size=0 must be 1 or more"),
        (lambda: task(_look, name="e")(1).opts(cache=("", "1h")).compile(None), "cache needs a key"),  # type: ignore[arg-type]  # nobody looks
        (lambda: podium.workflow(task(_look, name="f")), "a workflow is made of a function, not of <Task 'f'>"),
        (lambda: podium.sub_workflow("s", 3), "sub_workflow 's': a workflow or its name is expected, not 3"),  # type: ignore[arg-type]  # the mistake
        (lambda: podium.http("h", "http://x", hedge=0), "http 'h': hedge=0 must be 1 or more"),
        (lambda: podium.http("h", ""), "http 'h' needs one address"),
        (lambda: podium.workflow(_joins_numbers).to_dict(), "a step or its reference name is expected, not 1"),
        (lambda: js(3), "js() takes the text of a script"),  # type: ignore[arg-type]  # the mistake
        (lambda: python(3), "python() takes the text of a script"),  # type: ignore[arg-type]  # the mistake
    ],
)
def test_a_wrong_setting_of_a_task_is_refused_at_its_line(wrong: Callable[[], object], words: str) -> None:
    """What no engine could use is an error where it is written."""
    with pytest.raises(AuthoringError) as caught:
        wrong()
    assert words in str(caught.value)
    assert __file__ in str(caught.value)


def test_workers_serve_once() -> None:
    """A second block with the same ones is refused in words, and leaves the first as it was."""
    with podium.connect() as client:
        pool = client.workers([task(_look, name="once")])
        with pool, pytest.raises(InvalidRequest, match="these workers have served; for another block write"), pool:
            pass
        with pytest.raises(InvalidRequest, match="these workers have served"), pool:
            pass


def test_right_spans_and_limits_are_taken() -> None:
    """A half-open span, and a limit of none, are right."""
    assert _search(started=(datetime(2026, 1, 1, tzinfo=UTC), None), limit=0) == []
