"""
Waiting and telling

Steps that wait cost nothing while they do: a run may wait for a year.
"""

# %%
import attrs

from podium import (
    event,
    human,
    kafka,
    pull_messages,
    task,
    wait,
    web,
    workflow,
    yield_,
)


@attrs.frozen
class Verdict:
    approved: bool
    note: str


@task
def tell(text: str) -> None:
    print(text)


# %% Some time
@workflow
def pause() -> None:
    wait("gap", duration="1 day 2h")
    tell("good morning")


# %% Until a moment
@workflow
def until(when: str) -> None:
    wait("newyear", until="2030-01-01 00:00 UTC")
    wait("then", until=when)


# %% Until somebody says so
# The step ends when a client completes it: `client.complete_task(…)`, a signal, or an event handler. `returns=` types
# what they say.
@workflow
def signalled() -> None:
    verdict = wait("verdict", returns=Verdict)
    tell(verdict.output.note)


# %% A person
# What they get to see are the inputs; the answer is the output.
@workflow
def asked(amount: float) -> None:
    answer = human("boss", amount=amount, returns=Verdict)
    tell(answer.output.note)


# %% Publish an event
@workflow
def announce(order_id: str) -> None:
    event("sold", "conductor:orders", order_id=order_id)


# %% Publish to Kafka
@workflow
def publish(order_id: str) -> None:
    kafka(
        "sold",
        servers="kafka:9092",
        topic="orders",
        key=order_id,
        value={"id": order_id},
    )


# %% Until a webhook is called
# `client.deliver_webhook(payload)` tells of a call; each path must have its value in the payload.
@workflow
def paid(order: int) -> None:
    call = web.wait_for_webhook(
        "paid", matches={"$['event']['order']": order}
    )
    tell(f"{call.output['event']['amount']} were paid")


# %% Hand back to the caller
# Whoever executes the run and waits has an answer here; a signal brings it on.
@workflow
def offer(order: int) -> None:
    answer = yield_("choose", order=order, returns=Verdict)
    tell(answer.output.note)


# %% Take messages that were sent to the run
@workflow
def inbox() -> None:
    mail = pull_messages("mail", batch_size=10)
    tell(f"{mail.output.count} messages")
