"""Masked fields: the run works with them, and nobody who looks at it reads them. Canaries are planted at every exit."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from kinds import Opening
from typer.testing import CliRunner

import podium
from podium import Client, TaskContext
from podium.cli.main import app
from podium.dsl import human, noop, raw, set_variable, task, workflow
from podium.model.codec import to_dict
from podium.model.definitions import SchemaDef, WorkflowDef
from podium.model.errors import InvalidRequest
from podium.model.runs import WorkflowRun
from podium.model.statuses import RunStatus, SchemaType

PATIENCE_S = 20.0
CANARY, TOKEN, NESTED, PIN = "canary-in-7ab", "canary-token-9cd", "canary-deep-3ef", 987_654
ALL = (CANARY, TOKEN, NESTED, str(PIN))
GIVEN = {"user": "ann", "password": CANARY, "card": {"pin": PIN, "notes": [{"cvc": NESTED}]}}
MASKS = ("password", "token", "pin", "cvc")

seen: list[tuple[str, Any]] = []


@task(retries=0)
def login(context: TaskContext, user: str, password: str, copy: str) -> dict[str, Any]:
    """Work with the real value, and talk about it where one should not."""
    seen.append((password, copy))
    context.log(f"login with {password}")
    return {"token": TOKEN, "echo": f"you said {password}", "user": user}


@task(retries=0)
def refuse(token: str, card: dict[str, Any]) -> None:
    """Fail, and say too much."""
    seen.append((token, card))
    raise ValueError(f"{token} was refused for {card}")


@workflow(masked_fields=MASKS)
def careful(user: str, password: str, card: dict[str, Any]) -> Any:
    """Pass masked values around, also under other names."""
    in_ = login(user, password, copy=f"again: {password}")
    set_variable("note", remembered=password, token=in_.output["token"])
    human("asked")
    refuse(in_.output["token"], card)
    return {"token": in_.output["token"], "plain": in_.output["user"]}


@workflow
def mop(failedWorkflow: Any) -> Any:  # noqa: N803  # the engine's name
    """Undo, with the real values."""
    return again(failedWorkflow["input"]["password"]).output


@task(retries=0)
def again(password: str) -> str:
    """See the value in the failure workflow."""
    seen.append((password, "mop"))
    return "done"


@pytest.fixture(params=["sqlite", "server"])
def kind(request: pytest.FixtureRequest) -> str:
    """A store in a file, and a server, so that other programs can look."""
    return str(request.param)


@pytest.fixture
def client(url: str) -> Iterator[Client]:
    """A client that serves the tasks."""
    seen.clear()
    with podium.connect(url) as one, one.workers([login, refuse, again]):
        yield one


def ended(client: Client) -> WorkflowRun:
    """Return a run of the careful workflow that has failed."""
    run_id = client.execute(careful, GIVEN, timeout=PATIENCE_S).workflow_id
    client.signal(run_id, {"token": TOKEN, "said": f"the token is {TOKEN}"})
    run = client.wait(run_id, PATIENCE_S)
    assert run.status is RunStatus.FAILED
    assert seen[0] == (CANARY, f"again: {CANARY}")
    assert seen[1] == (TOKEN, {"pin": PIN, "notes": [{"cvc": NESTED}]})
    return run


def clean(shown: object) -> None:
    """Hold that no canary is in what is shown, in whatever form."""
    text = shown if isinstance(shown, str) else json.dumps(shown, default=str)
    found = [canary for canary in ALL if canary in text]
    assert not found, text[max(0, text.find(found[0]) - 200) :][:500]


EXITS: dict[str, Callable[[Client, WorkflowRun], Any]] = {
    "wait": lambda _, run: to_dict(run),
    "get": lambda client, run: to_dict(client.get(run.workflow_id)),
    "get without tasks": lambda client, run: to_dict(client.get(run.workflow_id, include_tasks=False)),
    "repr": lambda _, run: repr(run) + repr(run.tasks) + str(run.input) + str(run.variables),
    "task": lambda client, run: [to_dict(client.task(one.task_id)) for one in run.tasks],
    "logs": lambda client, run: [repr(client.logs(one.task_id)) for one in run.tasks],
    "reasons": lambda _, run: [run.reason_for_incompletion, *(one.reason_for_incompletion for one in run.tasks)],
    "search": lambda client, _: repr(client.search()) + str(client.search().to_records()),
    "records": lambda _, run: run.to_records(),
    "describe": lambda _, run: run.describe(),
    "picture": lambda _, run: run.draw().source,
    "mermaid": lambda _, run: run.to_mermaid(),
    "timeline": lambda _, run: [(shown := run.timeline()).svg(), shown.describe(), shown.to_records()],
    "playback": lambda _, run: run.playback().html() + run.playback().describe(),
    "the past": lambda _, run: to_dict(run.at(run.update_time)),
    "notebook": lambda _, run: str(run._repr_mimebundle_()),
    "explain": lambda client, run: repr(client.explain(run.workflow_id)) + str(client.explain(run.workflow_id)),
    "query": lambda client, run: client.query(
        run.workflow_id,
        [
            "${workflow}",
            "${workflow.input.password}",
            "${workflow.input.card.pin}",
            "${login.output}",
            "x${refuse.input}",
        ],
    ),
    "signals": lambda client, _: [
        client.execute(careful, GIVEN, return_strategy=word, timeout=PATIENCE_S).to_dict()
        for word in ("TARGET_WORKFLOW", "BLOCKING_TASK", "BLOCKING_TASK_INPUT")
    ],
    "humans": lambda client, _: [to_dict(one) for one in client.pending_humans()],
}


@pytest.mark.parametrize("exit_", EXITS)
def test_no_exit_shows_a_masked_value(client: Client, exit_: str) -> None:
    """The canaries were worked with, and stand nowhere: under no name, in no reason, in no picture."""
    clean(EXITS[exit_](client, ended(client)))


def test_masks_are_seen_as_such(client: Client) -> None:
    """Three stars stand for a value, also inside of texts; everything else is as it was."""
    run = ended(client)
    assert run.input == {"user": "ann", "password": "***", "card": {"pin": "***", "notes": [{"cvc": "***"}]}}
    first = run.tasks[0]
    assert first.input_data == {"user": "ann", "password": "***", "copy": "again: ***"}
    assert first.output_data["result"] == {"token": "***", "echo": "you said ***", "user": "ann"}  # type: ignore[call-overload]  # JSON
    assert run.variables["remembered"] == "***"
    assert [line.log for line in client.logs(first.task_id)] == ["login with ***"]
    assert "*** was refused for" in (run.reason_for_incompletion or "")


def test_the_store_is_not_found_by_a_masked_value(client: Client) -> None:
    """A search by a part of a reason cannot be used to guess one."""
    run = ended(client)
    assert [one.workflow_id for one in client.search(reason="was refused for")] == [run.workflow_id]
    assert list(client.search(reason=TOKEN)) == []
    assert [one.workflow_id for one in client.search(text="ann", name="careful")] == [run.workflow_id]
    assert [one.workflow_id for one in client.search(input={"user": "ann"})] == [run.workflow_id]
    for canary in (CANARY, TOKEN, NESTED, str(PIN)):
        assert list(client.search(text=canary)) == [], canary
    assert list(client.search(input={"password": CANARY})) == []
    assert list(client.search(input={"card": {"pin": PIN}})) == []


def test_the_engine_does_not_log_one(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever the level."""
    with caplog.at_level(logging.DEBUG):
        ended(client)
    clean(caplog.text)


@task(retries=0)
def make_token() -> dict[str, str]:
    """Give what the run masks."""
    return {"token": TOKEN}


@task(retries=0)
def hand_on(given: str) -> str:
    """Give it on under another name."""
    return given


@task(retries=0)
def talk(context: TaskContext, told: str, key: str) -> None:
    """Say too much of it, in every way that there is."""
    context.logger.info("told %s", told, extra={"field": told, "size": len(told)})
    context.logger.warning("the key is %s", key)
    try:
        {}[told]
    except KeyError as error:
        context.logger.exception("while %s was looked at", told)
        context.logger.warning("again", exc_info=error)
    raise ValueError(f"{told} and {key}")


@workflow(masked_fields=("token",))
def gossip() -> None:
    """A masked value reaches a task by two steps, under names that are not masked."""
    made = make_token()
    talk(hand_on(made.output["token"]).output, podium.secret("KEY"))


def test_what_tasks_log_and_say_hides_values_under_other_names(
    opening: Opening, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``context.logger`` writes neither masked values nor secrets to Python's logging; nor are they in reasons."""
    monkeypatch.setenv("CONDUCTOR_SECRET_KEY", NESTED)
    with opening() as client, client.workers(gossip.tasks), caplog.at_level(logging.DEBUG):
        run = client.run(gossip, timeout=PATIENCE_S)
        logged = [line.log for line in client.logs(run.tasks[-1].task_id)]
    said = [record for record in caplog.records if record.name == "podium.task.talk"]
    assert [record.getMessage().splitlines()[0] for record in said] == [
        "told ***",
        "the key is ***",
        "while *** was looked at",
        "again",
    ]
    assert (vars(said[0])["field"], vars(said[0])["size"]) == ("***", len(TOKEN))
    assert said[2].getMessage().endswith("KeyError: '***'\n")
    assert run.tasks[-1].reason_for_incompletion == "ValueError: *** and ***"
    clean([repr(vars(record)) for record in caplog.records])
    clean([caplog.text, logged, run.reason_for_incompletion])


@workflow(masked_fields=("token",), rate_limit=("${workflow.input.token}", 1))
def narrow(token: str) -> None:
    """A limit whose key is a masked value; it ends with words that hold one under another name."""
    human("asked")


@workflow(masked_fields=("token",))
def wordy(given: str) -> None:
    """A value that is masked in one step only stands in the reason of the run."""
    make_token()
    podium.terminate("stop", "FAILED", f"because of {given}")


def test_keys_of_limits_and_reasons_of_runs_hide_values_too(url: str) -> None:
    """Runs of one key still count together, and of another do not."""
    with podium.connect(url) as client, client.workers([make_token]):
        first, second, other = (client.start(narrow, {"token": token}) for token in (TOKEN, TOKEN, CANARY))
        assert [client.get(one).rate_limited for one in (first, second, other)] == [False, True, False]
        clean([repr(client.limits()), str(client.explain(second)), to_dict(client.get(second))])
        run = client.run(wordy, {"given": TOKEN}, timeout=PATIENCE_S)
        clean(run.reason or "")
        assert run.reason == "because of ***"


COMMANDS = (
    *(
        "list",
        "show last",
        "show last login",
        "show last refuse",
        "logs last login",
        "logs last refuse",
        "explain last",
    ),
    *("timeline last", "search --text ann", "query last ${workflow}", "playback last"),
)


@pytest.mark.parametrize("words", COMMANDS)
def test_the_command_line_shows_none(client: Client, url: str, words: str) -> None:
    """Nor does its JSON."""
    ended(client)
    for more in ([], ["--json"]):
        result = CliRunner().invoke(app, [*words.split(), *more, "--db", url])
        clean(result.output)


def test_files_have_none(client: Client, tmp_path: Path) -> None:
    """Pictures of every kind."""
    run = ended(client)
    for name in ("run.svg", "run.dot", "run.mmd", "run.txt"):
        run.render(str(tmp_path / name))
        clean((tmp_path / name).read_text(errors="replace"))


def test_whoever_gets_the_values_masks_them_too(client: Client) -> None:
    """Sub-workflows, the parent of a run that masks, failure workflows, and runs that are started."""

    @workflow
    def child(password: str) -> Any:
        return login("bob", password, copy="").output

    @workflow(masked_fields=MASKS)
    def parent(password: str) -> Any:
        return child(password).output

    below = client.run(parent, {"password": CANARY}, timeout=PATIENCE_S)
    clean(to_dict(below))
    clean(to_dict(client.get(below.tasks[0].sub_workflow_id or "")))

    @workflow(masked_fields=MASKS)
    def masking_child(user: str) -> Any:
        return login(user, CANARY, copy="").output

    @workflow
    def open_parent() -> Any:
        return {"all": masking_child("bob").output}

    above = client.run(open_parent, timeout=PATIENCE_S)
    assert above.status is RunStatus.COMPLETED
    assert TOKEN not in json.dumps(to_dict(above))


def test_a_failure_workflow_works_with_them_and_masks_them(client: Client) -> None:
    """What is to be undone needs the values; its run shows none."""
    client.register(mop, login, refuse)
    definition = careful.definition
    failing = WorkflowDef(
        **{f: getattr(definition, f) for f in ("name", "tasks", "output_parameters", "masked_fields")},
        version=2,
        failure_workflow="mop",
    )
    run_id = client.execute(failing, GIVEN, timeout=PATIENCE_S).workflow_id
    client.signal(run_id)
    run = client.wait(run_id, PATIENCE_S)
    mopped = client.wait(str(run.output["conductor.failure_workflow"]), PATIENCE_S)
    assert (CANARY, "mop") in seen
    assert mopped.status is RunStatus.COMPLETED
    clean(to_dict(mopped))


def test_another_run_does_not_get_at_them(client: Client) -> None:
    """GET_WORKFLOW gives them to a run that masks them, and stars to any other."""
    run = ended(client)
    look = {
        "name": "look",
        "taskReferenceName": "look",
        "type": "GET_WORKFLOW",
        "inputParameters": {"id": run.workflow_id},
    }

    @workflow
    def curious() -> Any:
        return {"found": raw(look).output["input"]["password"]}

    @workflow(masked_fields=MASKS)
    def trusted() -> Any:
        return again(raw(look).output["input"]["password"]).output

    assert client.run(curious, timeout=PATIENCE_S).output == {"found": "***"}
    clean(to_dict(client.run(trusted, timeout=PATIENCE_S)))
    assert seen[-1] == (CANARY, "mop")


def test_some_names_are_masked_without_being_named(client: Client) -> None:
    """``_masked`` and ``_secrets``, in a definition or in an input."""

    @workflow
    def quiet(_masked: dict[str, str]) -> Any:
        return login("x", _masked["key"], copy="").output

    run = client.run(quiet, {"_masked": {"key": CANARY}}, timeout=PATIENCE_S)
    assert (run.status, run.input) == (RunStatus.COMPLETED, {"_masked": "***"})
    assert CANARY not in json.dumps(to_dict(run))


def test_a_refusal_does_not_quote_one(client: Client) -> None:
    """The input does not fit its schema: the words name the field, and not what stood in it."""
    data = {"properties": {"password": {"type": "string", "maxLength": 3}}}
    checked = WorkflowDef(
        name="checked",
        tasks=careful.definition.tasks,
        masked_fields=("password",),
        input_schema=SchemaDef(name="s", type=SchemaType.JSON, data=data),
    )
    with pytest.raises(InvalidRequest, match=r"input\.password: '\*\*\*' is too long"):
        client.start(checked, GIVEN)


@pytest.mark.parametrize(
    "wrong",
    [
        {"user": "ann", "password": [CANARY], "card": {}},
        {"user": [{"password": CANARY}], "password": "p", "card": {}},
        {"user": "ann", "password": "p", "card": [{"pin": CANARY}]},
    ],
)
def test_a_start_that_does_not_fit_does_not_quote_one(client: Client, wrong: dict[str, Any]) -> None:
    """The place is told, and neither the masked value nor a list or map that holds one."""
    with pytest.raises(InvalidRequest, match=r"input of workflow 'careful': (user|password|card): ") as caught:
        client.start(careful, wrong)
    assert CANARY not in str(caught.value)


def test_without_masks_nothing_is_hidden(client: Client) -> None:
    """A workflow that masks nothing is shown as it is; short values are masked by their names only."""

    @workflow
    def plain(password: str) -> Any:
        return login("x", password, copy="").output

    assert client.run(plain, {"password": CANARY}, timeout=PATIENCE_S).input == {"password": CANARY}

    @workflow(masked_fields=("flag",))
    def short(flag: str, text: str) -> Any:
        noop("nothing")
        return {"text": text}

    run = client.run(short, {"flag": "a", "text": "banana"}, timeout=PATIENCE_S)
    assert (run.input, run.output["text"]) == ({"flag": "***", "text": "banana"}, "banana")
