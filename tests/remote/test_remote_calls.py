"""Calls to servers: what is asked again, what shows who asks, and what refusals mean."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from fake_server import FakeServer, Reply

import podium
from podium.client import Tls
from podium.client.remote.settings import server_settings
from podium.model import errors
from podium.model.definitions import WorkflowDef, WorkflowTask
from podium.model.errors import (
    AccessDenied,
    AlreadyExists,
    AnswerLost,
    DefinitionError,
    DefinitionNotFound,
    IllegalTransition,
    InboxFull,
    InvalidRequest,
    NotOffered,
    PodiumError,
    RunNotFound,
    ServerFailed,
    ServerUnreachable,
    TaskNotFound,
    WorkflowNotFound,
)

RUN: dict[str, Any] = {"workflowId": "r", "status": "COMPLETED", "tasks": [], "input": {}, "output": {}}
GONE = httpx.ConnectError("[Errno 111] Connection refused")
LOST = httpx.ReadError("")


def refused(status: int, message: str, **more: Any) -> Reply:
    """Return a refusal as Conductor writes it."""
    return status, {"status": status, "message": message, "instance": "i", "retryable": False, **more}


def test_what_only_looks_is_asked_again_until_it_is_answered(server: FakeServer) -> None:
    """A connection that cannot be made, one that breaks off, a gateway, a server that is busy."""
    server.on("GET /workflow/r", GONE, LOST, (502, "bad gateway"), (503, {"message": "not now"}), (200, RUN))

    with server.client() as client:
        assert client.get("r").workflow_id == "r"

    assert server.count("GET /workflow/r") == 5


def test_what_is_wrong_with_a_request_is_not_asked_again(server: FakeServer) -> None:
    """Though its status is that of a server with too much to do: the queue of a run does not empty by asking."""
    server.on("POST /workflow/r/messages", (429, {"status": 429, "code": "InboxFull", "message": "1 messages wait"}))

    with server.client() as client, pytest.raises(InboxFull, match="1 messages wait"):
        client.send_message("r", {})

    assert server.count("POST /workflow/r/messages") == 1


def test_a_start_is_asked_again_only_where_it_cannot_have_happened(server: FakeServer) -> None:
    """Before the request was sent it may; after that the error says that nobody knows, and what to do."""
    server.on("POST /workflow", GONE, (503, {"message": "not now"}), (200, "r-1"))
    with server.client() as client:
        assert client.start("order", {}) == "r-1"

    server.on("POST /workflow", LOST, (200, "r-2"))
    with server.client() as client, pytest.raises(AnswerLost, match=r"perhaps it was done.*idempotency_key") as caught:
        client.start("order", {})

    assert isinstance(caught.value, ConnectionError)
    assert server.count("POST /workflow") == 4


def test_a_start_with_a_key_is_asked_again_where_the_server_heeds_keys(server: FakeServer) -> None:
    """With RETURN_EXISTING the second makes no second run; a Conductor, which passes keys over, is refused."""
    server.on("GET /podium", (200, {"podium": "1"})).on("POST /workflow", LOST, (200, "r-1"))
    how: dict[str, Any] = {"idempotency_key": "k", "idempotency_strategy": "RETURN_EXISTING"}
    with server.client() as client:
        assert client.start("order", {}, **how) == "r-1"

    conductor = FakeServer().on("POST /workflow", (200, "r-2"))
    with conductor.client() as client, pytest.raises(NotOffered, match="Conductor server, which passes it over"):
        client.start("order", {}, **how)
    assert conductor.count("POST /workflow") == 0


def test_a_server_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch, server: FakeServer) -> None:
    """With its address, why, and what to do; the error is a ConnectionError too."""
    monkeypatch.setattr("podium.client.remote.session._FIRST_S", 0.01)
    server.on("GET /workflow/r", GONE)

    with (
        server.client() as client,
        pytest.raises(ServerUnreachable, match=r"http://fake:1/api cannot be reached \(.*refused\).*'podium server'"),
    ):
        client.get("r")


@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        (refused(404, "No such workflow found by id: r"), RunNotFound, "No such workflow found by id: r"),
        (refused(404, "gone", code="TaskNotFound"), TaskNotFound, "gone"),
        (refused(404, "No static resource api/workflow/r."), NotOffered, "has no PUT /workflow/r/pause"),
        (refused(405, "Request method 'PUT' is not supported"), NotOffered, "has no PUT"),
        (refused(409, "the run has ended"), IllegalTransition, "the run has ended"),
        (refused(409, "it is there", code="AlreadyExists"), AlreadyExists, "it is there"),
        (refused(500, "The workflow r is not PAUSED so cannot resume."), IllegalTransition, "not PAUSED"),
        (refused(500, "JSON parse error: Cannot construct instance"), InvalidRequest, "JSON parse error"),
        (
            refused(500, "The task referenced by a does not exist in the WorkflowDefinition w"),
            IllegalTransition,
            "a does",
        ),
        (refused(500, "EventHandler with name h already exists!"), AlreadyExists, "h already exists"),
        (refused(500, "disk full"), ServerFailed, "disk full"),
        (refused(400, "too large"), InvalidRequest, "too large"),
        (refused(403, "no"), AccessDenied, "may not do that"),
        (refused(401, "who?"), AccessDenied, "CONDUCTOR_AUTH_KEY"),
        ((302, ""), InvalidRequest, "sends PUT"),
        ((404, "<html>nothing here</html>"), NotOffered, "status 404"),
    ],
)
def test_a_refusal_is_the_error_of_every_client(
    server: FakeServer, reply: Reply, kind: type[PodiumError], words: str
) -> None:
    """By the code of a Podium server, else by status and words, as Conductor's controllers have them."""
    server.on("PUT /workflow/r/pause", reply)

    with server.client() as client, pytest.raises(kind, match=words) as caught:
        client.pause("r")

    assert type(caught.value) is kind


def test_every_error_that_a_server_may_name_can_be_read_back() -> None:
    """A name of the tree gives the class; RunUndone and the like need no more than their words."""
    for name, kind in vars(errors).items():
        if not (isinstance(kind, type) and issubclass(kind, errors.RequestError)):
            continue
        server = FakeServer().on("PUT /workflow/r/pause", refused(409, "words", code=name))
        with server.client() as client, pytest.raises(PodiumError, match="words") as caught:
            client.pause("r")
        assert type(caught.value) is kind


def test_a_definition_is_refused_with_its_places(server: FakeServer) -> None:
    """The validation errors of a body become the faults of a DefinitionError."""
    fault = {"path": "registerWorkflowDef.workflowDef.tasks", "message": "must not be empty"}
    server.on("PUT /metadata/workflow", refused(400, "Validation failed", validationErrors=[fault]))

    with server.client() as client, pytest.raises(DefinitionError) as caught:
        client.register(podium.WorkflowDef(name="empty", tasks=()))

    assert [(one.path, one.message) for one in caught.value.faults] == [("tasks", "must not be empty")]


def test_a_definition_that_was_not_stored_is_told(server: FakeServer) -> None:
    """Conductor answers 200 and names those that it could not store."""
    server.on("PUT /metadata/workflow", (200, {"bulkErrorResults": {"w": "no room"}, "bulkSuccessfulResults": []}))

    with server.client() as client, pytest.raises(DefinitionError, match="w: no room"):
        client.register(podium.WorkflowDef(name="w", tasks=()))


@pytest.mark.parametrize("status", [502, 504])
def test_a_gateway_that_gives_up_may_have_passed_it_on(server: FakeServer, status: int) -> None:
    """So nobody is told that nothing was changed, and a start is not made twice."""
    server.on("POST /workflow", (status, "<html>no answer in time</html>"))
    with pytest.raises(AnswerLost, match="perhaps it was done"), server.client() as client:
        client.start("w")
    assert server.count("POST /workflow") == 1


@pytest.mark.parametrize("answer", ["<html>sign in</html>", [1], {"id": "r"}, "null"])
def test_a_page_is_no_id_of_a_run(server: FakeServer, answer: Any) -> None:
    """What asks for a password answers 200 too."""
    server.on("POST /workflow", (200, answer))
    with pytest.raises(ServerFailed, match="the id of a run is expected"), server.client() as client:
        client.start("w")


def test_what_is_no_server_of_workflows_is_told(server: FakeServer) -> None:
    """A page, or JSON of something else, is no run."""
    server.on("GET /workflow/r", (200, "<html>welcome</html>"))

    with server.client() as client, pytest.raises(ServerFailed, match="not what a server of workflows does"):
        client.get("r")


# -- keys and tokens ---------------------------------------------------------------------------------------------------


def test_a_key_gets_a_token_that_is_shown_and_renewed() -> None:
    """Asked for once; when the server says that it has expired, a new one is asked for and the call made again."""
    server = FakeServer(key_id="k", key_secret="s")
    server.on("POST /token", (200, {"token": "t-1"}), (200, {"token": "t-2"}))
    server.on("GET /workflow/r", (200, RUN), refused(401, "expired", error="EXPIRED_TOKEN"), (200, RUN))

    with server.client() as client:
        client.get("r")
        client.get("r")

    assert [body for what, _, body in server.asked if what == "POST /token"] == [{"keyId": "k", "keySecret": "s"}] * 2
    shown = [headers.get("x-authorization") for headers in server.headers]
    assert shown == [None, "t-1", "t-1", None, "t-2"]


def test_a_server_without_tokens_wants_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """A 404 of /token means no authentication, as all SDKs take it; keys may come from the environment."""
    monkeypatch.setenv("CONDUCTOR_AUTH_KEY", "k")
    monkeypatch.setenv("CONDUCTOR_AUTH_SECRET", "s")
    server = FakeServer().on("GET /workflow/r", (200, RUN))

    with server.client() as client:
        client.get("r")
        client.get("r")

    assert server.count("POST /token") == 1
    assert "x-authorization" not in server.headers[-1]


def test_a_wrong_key_is_said_once() -> None:
    """The server's own words, and no call without a token."""
    server = FakeServer(key_id="k", key_secret="wrong").on("POST /token", refused(401, "no such key"))

    with server.client() as client, pytest.raises(AccessDenied, match="no such key"):
        client.get("r")

    assert server.count("GET /workflow/r") == 0


# -- addresses ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "options", "words"),
    [
        ("http://", {}, "http://host:8080/api"),
        ("http://host:70000/api", {}, "http://host:8080/api"),
        ("http://me:secret@host/api", {}, "key_id="),
        ("http://host/api?x=1", {}, "behind its path"),
        ("http://host/api", {"key_id": "k"}, "belong together"),
        ("http://host/api", {"timeout": 0}, "above 0"),
        ("http://host/api", {"tls": Tls(ca="/nowhere.pem")}, "is for https://"),
        ("http://host/api", {"headers": {"X-A": "two\nlines"}}, "one line"),
        ("http://host/api", {"sinks": {}}, "process of the engine"),
        ("memory://", {"key_id": "k", "key_secret": "s"}, "is for servers"),
    ],
)
def test_what_cannot_be_right_is_refused_where_it_is_given(url: str, options: dict[str, Any], words: str) -> None:
    """Before anything is sent; a password in an address is not repeated."""
    with pytest.raises(InvalidRequest, match=words) as caught:
        podium.connect(url, **options)

    assert "secret@" not in str(caught.value)


def test_a_host_alone_means_its_api() -> None:
    """What most people type first."""
    assert server_settings("http://localhost:8080/").base == "http://localhost:8080/api"
    assert server_settings("https://play.example.com/custom/").base == "https://play.example.com/custom"


def test_secrets_are_in_no_repr() -> None:
    """Neither the key's secret nor headers are shown."""
    settings = server_settings("https://h/api", key_id="k", key_secret="canary-1", headers={"X": "canary-2"})
    assert "canary" not in repr(settings)
    assert "canary" not in repr(Tls(key_password="canary"))


def test_a_closed_client_says_so(server: FakeServer) -> None:
    """Nothing is sent any more; closing twice is fine."""
    client = server.client()
    client.close()
    client.close()

    with pytest.raises(InvalidRequest, match="this client is closed"):
        client.get("r")


# -- what servers lack -------------------------------------------------------------------------------------------------


def test_what_a_conductor_lacks_is_said() -> None:
    """With the verb and the server's kind; what it passes over silently is refused as well."""
    server = FakeServer().on("POST /workflow", (200, "r")).on("GET /workflow/r", (200, {**RUN, "status": "RUNNING"}))
    with server.client() as client:
        for verb in (
            client.limits,
            lambda: client.prune(older_than="1 day"),
            lambda: client.query("r", "${workflow.input.x}"),
            lambda: client.deliver_webhook({}),
            lambda: client.schedules.run("s"),
        ):
            with pytest.raises(NotOffered, match="is Podium's own, and http://fake:1/api is a Conductor server"):
                verb()
        with pytest.raises(NotOffered, match="passes over the input and output"):
            client.skip_task("r", "a", output={"x": 1})
        with pytest.raises(NotOffered, match="starts no failure workflow"):
            client.terminate("r", trigger_failure_workflow=True)
    assert server.count("DELETE /workflow/r") == 0


@pytest.mark.parametrize("kind", ["GET_WORKFLOW", "HTTP_POLL", "WAIT_FOR_WEBHOOK"])
def test_tasks_that_a_conductor_does_not_do_are_refused(kind: str) -> None:
    """It would hand them to workers, and the run would wait for ever; a Podium server, and Orkes, do them."""
    inner = WorkflowTask(name="look", task_reference_name="look", type=kind)
    choice = WorkflowTask(name="c", task_reference_name="c", type="SWITCH", default_case=(inner,), expression="x")
    looks = WorkflowDef(name="looks", tasks=(choice,))
    words = rf"^task 'look' of workflow 'looks' would wait for ever: http://fake:1/api is a Conductor .* no {kind}$"
    server = FakeServer()
    with server.client() as client:
        for verb in (client.register, client.start):
            with pytest.raises(NotOffered, match=words):
                verb(looks)
    assert {what for what, _, _ in server.asked} == {"GET /podium"}

    ours = FakeServer().on("GET /podium", (200, {"podium": "1"})).on("PUT /metadata/workflow", (200, {}))
    with ours.client() as client:
        client.register(looks)
    assert ours.count("PUT /metadata/workflow") == 1


def test_what_reads_of_a_failed_run_begins_with_a_pause_on_a_conductor() -> None:
    """Until a task has waited there, all that is read of it is null; what reads nothing of it stays as it is."""
    reads = {"why": "${workflow.input.failedWorkflow.variables.why}"}
    tell = WorkflowTask(name="tell", task_reference_name="tell", type="SIMPLE", input_parameters=reads)
    rest = WorkflowTask(name="rest", task_reference_name="rest", type="SIMPLE")
    mourns, idle = WorkflowDef(name="mourns", tasks=(tell,)), WorkflowDef(name="idle", tasks=(rest,))

    def registered(server: FakeServer) -> list[list[str]]:
        server.on("PUT /metadata/workflow", (200, {}))
        with server.client() as client:
            client.register(mourns, idle)
        (bodies,) = (body for what, _, body in server.asked if what == "PUT /metadata/workflow")
        return [[one["type"] for one in body["tasks"]] for body in bodies]

    assert registered(FakeServer()) == [["WAIT", "SIMPLE"], ["SIMPLE"]]
    assert registered(FakeServer().on("GET /podium", (200, {"podium": "1"}))) == [["SIMPLE"], ["SIMPLE"]]


def test_a_conductor_is_searched_in_its_own_words() -> None:
    """Its grammar, newest first, in pages; what its index does not know is looked for in the runs themselves."""
    line = {
        "workflowId": "r",
        "workflowType": "order",
        "version": 1,
        "status": "RUNNING",
        "startTime": "2026-01-01T00:00:00.500Z",
        "endTime": "",
    }
    server = FakeServer().on("GET /workflow/search", (200, {"totalHits": 1, "results": [line]}))
    definition = {"name": "order", "version": 3, "tasks": []}
    server.on("GET /workflow/r", (200, {**RUN, "workflowDefinition": definition, "input": {"customer": 7}}))

    with server.client() as client:
        (found,) = client.search(name="order", status="RUNNING", limit=10)
        assert (found.workflow_id, found.create_time, found.end_time) == ("r", 1_767_225_600_500, 0)
        assert len(client.search(version=3, input={"customer": 7})) == 1
        assert client.search(version=4) == []
        client.search(ended=(None, datetime(2026, 1, 1, tzinfo=UTC)))
        with pytest.raises(InvalidRequest, match="no way to quote"):
            client.search(name="it's")

    queries = [params for what, params, _ in server.asked if what == "GET /workflow/search"]
    # What lives has ended at no time, which is a zero in the index.
    assert queries[-1]["query"] == "endTime<1767225600001 AND endTime>0"
    assert queries[0] == {
        "query": "workflowType='order' AND status='RUNNING'",
        "sort": "startTime:DESC",
        "start": "0",
        "size": "10",
    }


def test_a_missing_workflow_and_a_lost_signal_are_told_of_a_conductor() -> None:
    """Conductor answers 200 with nothing where no attempt lives; here that is an error, as on every client."""
    server = FakeServer().on("POST /workflow", refused(404, "No such workflow found by name: x, version: 1"))
    server.on("POST /tasks/r/ask/COMPLETED", (200, "")).on("GET /workflow/r", (200, {**RUN, "status": "RUNNING"}))

    with server.client() as client:
        with pytest.raises(WorkflowNotFound):
            client.start("x")
        with pytest.raises(TaskNotFound, match="no live attempt of 'ask'"):
            client.complete_task("r", "ask")


def test_a_conductors_registry_and_schedules_are_read_in_its_own_way() -> None:
    """It answers 500 for a definition that is not there, and does not say when a new schedule comes next."""
    server = FakeServer().on("DELETE /metadata/workflow/x/1", refused(500, "No such workflow definition: x version: 1"))
    server.on("DELETE /metadata/taskdefs/t", refused(500, "No such task definition"))
    schedule = {"name": "s", "cronExpression": "0 0 6 1 * *", "zoneId": "UTC", "startWorkflowRequest": {"name": "w"}}
    server.on("GET /scheduler/schedules", (200, [schedule, {**schedule, "name": "a", "paused": True}]))

    with server.client() as client:
        with pytest.raises(WorkflowNotFound):
            client.unregister_workflow("x", 1)
        with pytest.raises(DefinitionNotFound):
            client.unregister_task("t")
        paused, going = client.schedules.list()
    assert (paused.name, paused.next_run) == ("a", None)
    assert going.next_run is not None
    assert (going.next_run.day, going.next_run.hour) == (1, 6)


def test_the_runs_of_a_conductor_are_counted_by_reading_the_newest() -> None:
    """It counts nothing itself, so the newest runs are read; statistics say that there may be more."""
    line = {
        "workflowId": "r",
        "workflowType": "order",
        "version": 3,
        "status": "FAILED",
        "startTime": "",
        "endTime": "",
    }
    place = {"name": "charge", "taskReferenceName": "charge", "type": "SIMPLE"}
    attempt = {"taskType": "charge", "referenceTaskName": "charge", "workflowTask": place, "seq": 1, "startTime": 5}
    attempts = [
        {**attempt, "status": "FAILED", "endTime": 9},
        {**attempt, "status": "COMPLETED", "seq": 2, "endTime": 8},
    ]
    definition = {"name": "order", "version": 3, "tasks": [place]}
    server = FakeServer().on("GET /workflow/search", (200, {"totalHits": 1, "results": [line]}))
    server.on("GET /workflow/r", (200, {**RUN, "workflowDefinition": definition, "tasks": attempts}))

    with server.client() as client:
        found = client.statistics("order", limit=1)
        of_all = client.statistics()

    assert (found.count, found.tasks["charge"].retries, found.tasks["charge"].done, found.is_partial) == (1, 1, 1, True)
    assert found.definition is not None
    assert "x 1, ↻ 1 retry" in str(found)
    assert (of_all.definition, of_all.types["charge"].count, of_all.is_partial) == (None, 1, False)
