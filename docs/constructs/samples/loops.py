"""
Again and again

A loop's body is a part of the graph; its iterations are made while the workflow runs.
"""

# %%
import attrs

from podium import (
    for_each,
    js,
    loop,
    set_variable,
    task,
    variables,
    wait,
    workflow,
)


@attrs.frozen
class Job:
    state: str
    progress: float


@task
def look(job_id: str) -> Job:
    return Job(state="DONE", progress=1.0)


@task
def tell(text: str) -> None:
    print(text)


# %% Until something is so
# The condition reads the outputs of the iteration that has just ended. After the loop, `now.output` is the last one.
@workflow
def follow(job_id: str) -> None:
    with loop("poll", max_iterations=30) as poll:
        now = look(job_id)
        wait("gap", duration="10 seconds")
        poll.until(now.output.state == "DONE")
    tell(f"done after {poll.iteration} looks")


# %% While something is so
# Spelt as values, because the condition reads what the body makes.
@workflow
def going(job_id: str) -> None:
    now = look(job_id)
    loop("poll", [now], while_=now.output.progress < 1, max_iterations=30)


# %% A number of times
@workflow
def thrice() -> None:
    with loop("three_times", max_iterations=3) as times:
        tell(f"this is time {times.iteration}")


# %% For each item of a list
# One after the other; for all at the same time see [the fan-out](parallel.md#one-instance-per-item).
@workflow
def visit(cities: list[str]) -> None:
    with for_each("each_city", cities) as each:
        tell(f"{each.index}: {each.item}")


# %% A loop that goes on for years
# `keep_last` forgets old iterations with their records.
@workflow
def forever(job_id: str) -> None:
    with loop("watch", keep_last=10) as watch:
        now = look(job_id)
        wait("gap", duration="1 day")
        watch.until(now.output.state == "GONE")


# %% What an iteration leaves to the next
# A variable of the workflow.
# json: whole
@attrs.frozen
class Found:
    best: float = 0.0


@workflow(variables=Found())
def climb(job_id: str) -> None:
    with loop("climbing", max_iterations=5):
        now = look(job_id)
        set_variable("keep", Found, best=now.output.progress)
        tell(f"best so far: {variables(Found).best}")


# %% A condition as a script
# As Conductor takes it: it says whether the loop goes on.
@workflow
def scripted(job_id: str) -> None:
    with loop(
        "poll",
        while_=js("$.poll['iteration'] < 3 && $.look['state'] != 'DONE'"),
    ):
        look(job_id)
