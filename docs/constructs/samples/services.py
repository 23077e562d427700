"""
Services

System tasks run in the engine or on the server; they need no worker.
"""

# %%
import attrs

from podium import (
    databases,
    http,
    raw,
    runs,
    secret,
    system_task,
    task,
    web,
    workflow,
)


@attrs.frozen
class Weather:
    city: str
    degrees: float


@task
def tell(text: str) -> None:
    print(text)


# %% Call an HTTP service
# `returns=` types the body; status and headers are there too.
@workflow
def ask(city: str) -> None:
    answer = http(
        "weather",
        f"https://example.com/weather/{city}",
        headers={"Authorization": secret("WEATHER_KEY")},
        returns=Weather,
    )
    tell(f"{answer.output.status_code}: {answer.output.body.degrees}")


# %% Ask until it is done
# Between two requests nothing is held open. The condition reads the answer as `$.output`.
@workflow
def await_job(job: str) -> None:
    web.poll(
        "job",
        f"https://example.com/jobs/{job}",
        until="$.output.response.body.state === 'DONE'",
        every="2m",
    )


# %% Send something
@workflow
def send(city: str) -> None:
    body = {"city": city, "tags": ["new"]}
    sent = http(
        "report", "https://example.com/reports", method="POST", body=body
    )
    sent.opts(retries=5, retry_delay="10s")


# %% Ask a database
# Which one a name means says `podium.connect(url, databases={"hotels": …})`.
@workflow
def query(city: str) -> None:
    databases.query(
        "rows",
        "select * from rooms where city = ?",
        [city],
        integration="hotels",
    )


# %% Look at another run
# Its status, input, output and variables; its tasks too, where they are wanted.
@workflow
def follow_up(run_id: str) -> None:
    before = runs.get("before", id=run_id, include_tasks=False)
    tell(f"it is {before.output.status}")


# %% Any type by its name
# Types that have no builder, such as those of a server's plug-in.
@workflow
def fax(city: str) -> None:
    system_task("reserve", "SEND_FAX", to=f"tourism@{city}.example")


# %% Any JSON
# Nothing that Conductor knows is out of reach; references may stand in it.
@workflow
def verbatim(city: str) -> None:
    raw(
        {
            "name": "later",
            "taskReferenceName": "later",
            "type": "YIELD",
            "inputParameters": {"city": city},
        }
    )
