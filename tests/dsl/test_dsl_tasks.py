"""Worker tasks: what ``@task`` keeps of a function, and the task definition that it makes."""

from __future__ import annotations

import functools
from datetime import timedelta
from typing import Any, ClassVar

import attrs
import pytest
from dsl_samples import Encoded, Payment, charge, encode, probe, publish, shout

from podium.dsl import Workflow, collected, fan_out, http, ref, task
from podium.model.definitions import TaskDef
from podium.model.errors import AuthoringError
from podium.model.statuses import RetryLogic, TaskTimeoutPolicy
from podium.typed.records import pack


class TaskContext:
    """Stands for the worker room's class of this name."""

    podium_context: ClassVar[bool] = True


def test_the_plain_function_stays_reachable() -> None:
    """``.fn`` runs it; calling the task only builds a step."""
    assert charge.fn("1", 2.0) == Payment("1", 2.0)
    assert charge("1", 2.0).reference_name == "charge"


def test_settings_become_the_task_definition() -> None:
    """Every setting has its field, in Conductor's units."""

    @task(
        name="pay",
        retries=2,
        retry_delay="5s",
        retry_logic="exponential_backoff",
        backoff_scale=2,
        max_retry_delay="1m",
        jitter="250ms",
        timeout="30s",
        total_timeout=timedelta(minutes=5),
        poll_timeout=7,
        concurrency_limit=4,
        rate_limit=(10, "1s"),
        description="Take money.",
        owner="a@example.com",
        input_template={"currency": "EUR"},
        secrets=("key",),
    )
    def pay(amount: float) -> float:
        return amount

    expected = TaskDef(
        name="pay",
        description="Take money.",
        retry_count=2,
        timeout_seconds=30,
        runtime_metadata=("key",),
        timeout_policy=TaskTimeoutPolicy.RETRY,
        retry_logic=RetryLogic.EXPONENTIAL_BACKOFF,
        retry_delay_seconds=5,
        response_timeout_seconds=30,
        concurrent_exec_limit=4,
        input_template={"currency": "EUR"},
        rate_limit_per_frequency=10,
        rate_limit_frequency_in_seconds=1,
        owner_email="a@example.com",
        poll_timeout_seconds=7,
        backoff_scale_factor=2,
        max_retry_delay_seconds=60,
        backoff_jitter_ms=250,
        total_timeout_seconds=300,
    )
    assert expected == pay.task_def


def test_the_response_timeout_stays_within_the_timeout() -> None:
    """Conductor refuses the longer one; its default of an hour follows the timeout down, never up."""

    def none() -> None:
        """Nothing."""

    assert task(none, timeout="30s").task_def.response_timeout_seconds == 30
    assert task(none, timeout="2h").task_def.response_timeout_seconds == 3600
    assert task(none, timeout="30s", response_timeout="10s").task_def.response_timeout_seconds == 10
    with pytest.raises(AuthoringError, match="must not be longer") as caught:
        task(none, timeout="30s", response_timeout="40s")

    assert caught.value.code == "V1"


@pytest.mark.parametrize(
    "settings",
    [
        {"retries": -1},
        {"retry_delay": "soon"},
        {"timeout": -1},
        {"timeout": "10s", "total_timeout": "5s"},
        {"retry_logic": "never"},
        {"timeout_policy": "later"},
        {"response_timeout": 0},
        {"backoff_scale": 0},
        {"jitter": -0.5},
        {"retrys": 3},
    ],
)
def test_wrong_settings_are_refused(settings: dict[str, Any]) -> None:
    """A wrong value or name is refused where it is written."""
    with pytest.raises(AuthoringError):

        @task(**settings)
        def none() -> None:
            """Nothing."""


def test_a_function_is_wrapped_without_a_decorator() -> None:
    """Functions that one does not own, without annotations, become tasks by a call."""
    lengths = task(len, name="length")

    step = lengths([1, 2])

    assert (lengths.name, step.reference_name) == ("length", "length")
    assert str(step.output) == "${length.output}"
    with pytest.raises(AuthoringError, match="no name"):
        task(lambda: 1)
    with pytest.raises(AuthoringError, match="a task already"):
        task(charge)


def test_the_worker_context_is_no_input() -> None:
    """A first parameter annotated TaskContext is left out of the step's inputs, also for coroutines."""

    @task
    def with_context(context: TaskContext, order_id: str) -> str:
        return f"{context}{order_id}"

    @task
    async def later(context: TaskContext, order_id: str) -> Payment:
        return Payment(f"{context}{order_id}")

    assert with_context("1").input_parameters == {"order_id": "1"}
    assert str(later("1").output.id) == "${later.output.id}"
    assert list(with_context.contexts) == ["context"]
    assert not charge.contexts


def test_defaults_are_left_to_the_function() -> None:
    """An argument that is not given is no input; star-star arguments are inputs by name."""

    @task
    def loose(order_id: str, limit: int = 3, **more: int) -> None:
        """Do nothing."""

    assert loose("1").input_parameters == {"order_id": "1"}
    assert loose("1", 4, depth=5).input_parameters == {"order_id": "1", "limit": 4, "depth": 5}

    @task
    def bare(*ids: str) -> None:
        """Do nothing."""

    with pytest.raises(AuthoringError, match="without names"):
        bare("1")


def test_records_of_functions_inside_functions_are_found() -> None:
    """A record defined beside the task, in a function, is still a record."""

    @attrs.define
    class Local:
        value: int

    @task
    def local() -> Local:
        return Local(1)

    assert str(local().output.value) == "${local.output.value}"


def test_an_annotation_that_cannot_be_resolved_is_refused() -> None:
    """Whether it is a record decides where the output lies, so it must be known."""

    @task
    def odd() -> Nowhere:  # type: ignore[name-defined]  # noqa: F821  # the mistake under test
        return None

    with pytest.raises(AuthoringError, match="cannot be resolved"):
        odd()


def test_decorated_functions_keep_their_signature() -> None:
    """A function wrapped by another decorator is bound by the inner one's parameters."""

    def traced(fn: Any) -> Any:
        @functools.wraps(fn)
        def inner(*args: Any, **kwargs: Any) -> Any:
            return fn(*args, **kwargs)

        return inner

    @task
    @traced
    def pay(order_id: str) -> Payment:
        return Payment(order_id)

    step = pay("1")

    assert step.input_parameters == {"order_id": "1"}
    assert str(step.output.id) == "${pay.output.id}"


def test_options_work_before_and_after_the_call() -> None:
    """Both spellings give the same step; only retries and flags need no definition of its own."""
    before = Workflow("w") >> charge.opts(optional=True, retries=1)("1", 2.0)
    after = Workflow("w") >> charge("1", 2.0).opts(optional=True).opts(retries=1)

    first = after.definition.tasks[0]

    assert before.definition == after.definition
    assert (first.optional, first.retry_count, first.task_definition) == (True, 1, None)
    with pytest.raises(AuthoringError, match="did you mean 'optional'"):
        charge("1", 2.0).opts(optinal=True)  # type: ignore[call-arg]  # the mistake under test
    with pytest.raises(AuthoringError, match="join_mode"):
        charge("1", 2.0).opts(join_mode="never")


def test_results_are_packed_as_references_read_them() -> None:
    """The worker's side of the rule: records are spread, other results lie under ``result``."""
    assert pack(Payment("1", 2.0), Payment) == {"id": "1", "amount": 2.0}
    assert pack(Payment("1", 2.0), Payment | None) == {"id": "1", "amount": 2.0}
    assert pack({"id": "1"}, Payment) == {"id": "1"}
    assert pack({"id": "1"}, dict[str, str]) == {"result": {"id": "1"}}
    assert pack([1], list[int]) == {"result": [1]}
    assert pack(None, int) == {"result": None}
    assert pack(None, None) == {}
    assert pack(None) == {}
    assert pack({"a": 1}) == {"a": 1}
    assert pack(1) == {"result": 1}


def test_http_responses_have_python_names() -> None:
    """The answer's fields are named as in Python and lie under ``response``; the body may be typed."""
    page = http("page", "https://example.com", returns=Payment)

    assert str(page.output.status_code) == "${page.output.response.statusCode}"
    assert str(page.output.reason) == "${page.output.response.reasonPhrase}"
    assert str(page.output.body.amount) == "${page.output.response.body.amount}"
    with pytest.raises(AuthoringError, match="one address"):
        http("other")
    with pytest.raises(AuthoringError, match="no field"):
        _ = page.output.statusCode  # type: ignore[attr-defined]  # the mistake under test


def test_fan_out_checks_the_items_against_the_parameters() -> None:
    """Fields of record items are inputs by name; a scalar item fills one parameter (R3)."""
    found = probe("u")
    parts = fan_out("encode_all", encode, found.output.profiles)
    loud = fan_out("shout_all", shout, found.output.names)

    assert str(parts.output) == "${encode_all_join.output}"
    assert str(loud.output) == "${shout_all_values.output.result}"
    assert [Encoded("a"), Encoded("b")] == collected({"_encode_1": Encoded("b"), "_encode_0": Encoded("a")})
    with pytest.raises(AuthoringError, match="needs rate; an item fills 'profile'") as caught:
        fan_out("wrong", encode, found.output.names)
    with pytest.raises(AuthoringError, match="fields are profile, rate"):
        fan_out("wrong", publish, found.output.profiles)
    with pytest.raises(AuthoringError, match="goes over a list"):
        fan_out("wrong", encode, "abc")
    fan_out("unknown", encode, ref("workflow.input.anything"))

    assert caught.value.code == "R3"
