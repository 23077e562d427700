"""Planted canaries: what a workflow masks, and what a secret holds, leaves by no answer but a worker's own."""

from __future__ import annotations

import logging

import httpx
import pytest

from podium.server.resources import ROUTES
from podium.testing.serving import running_server

_MASKED, _SECRET = "canary-masked-4711", "canary-secret-0815"


#: Requests that hold a secret and are refused: neither the answer, nor the log, nor the audit quotes it.
_REFUSED = (
    ("PUT", "/secrets/KEY%20", _MASKED),
    ("POST", "/token", f'{{"keyId": "k", "keySecret": "{_MASKED}"}}'),
    ("PUT", "/users/ann", f'{{"password": "{_MASKED[:5]}", "roles": "{_MASKED}"}}'),
    ("POST", "/metadata/webhook", f'{{"name": "w", "secretValue": "{_MASKED}", "verifier": "HMAC_BASED"}}'),
    ("POST", "/webhook/none", f'{{"token": "{_MASKED}"}}'),
)


def test_canaries_leave_by_no_answer(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """Every GET of the table is asked, with the ids of a run that failed of both, for them and by them; nor by logs."""
    caplog.set_level(logging.DEBUG, logger="podium")
    monkeypatch.setenv("CONDUCTOR_SECRET_KEY", _SECRET)
    with running_server() as server, httpx.Client(timeout=30) as client:
        api = server.api
        inputs = {"pin": "${workflow.input.pin}", "key": "${workflow.secrets.KEY}"}
        task = {"name": "w", "taskReferenceName": "w", "inputParameters": inputs}
        definition = {
            "name": "w",
            "tasks": [task],
            "maskedFields": ["pin"],
            "outputParameters": {"pin": "${w.output.pin}"},
        }
        client.post(f"{api}/metadata/taskdefs", json=[{"name": "w", "retryCount": 0}]).raise_for_status()
        client.post(f"{api}/metadata/workflow", json=definition).raise_for_status()
        body = {"name": "w", "input": {"pin": _MASKED}, "correlationId": "c"}
        run_id = client.post(f"{api}/workflow", json=body).text
        (handed,) = client.get(f"{api}/tasks/poll/batch/w", params={"timeout": 5000}).json()
        assert handed["inputData"] == {"pin": _MASKED, "key": _SECRET}
        words = f"no luck with {_MASKED} and {_SECRET}"
        result = {"workflowInstanceId": run_id, "taskId": handed["taskId"], "status": "FAILED"}
        client.post(f"{api}/tasks/{handed['taskId']}/log", content=words.encode()).raise_for_status()
        result |= {"outputData": {"pin": _MASKED}, "reasonForIncompletion": words, "logs": [{"log": words}]}
        client.post(f"{api}/tasks", json=result).raise_for_status()

        known = {"workflowId": run_id, "taskId": handed["taskId"], "name": "w", "correlationId": "c", "version": "1"}
        asked = 0
        for route in ROUTES:
            if route.method != "GET" or "poll" in route.path or route.path == "/workflow/execute/{name}":
                continue
            path = route.full_path
            for name in route.names:
                path = path.replace(f"{{{name}}}", known.get(name, "w"))
            flags = dict.fromkeys(("includeTasks", "includeClosed", "includeOutput", "includeVariables"), "true")
            for more in ({}, {"freeText": _MASKED}, {"query": f"reasonForIncompletion = *{_MASKED}*"}):
                answer = client.get(f"{server.url}{path}", params={**flags, "taskType": "w", **more})
                assert answer.status_code < 500
                assert _MASKED not in answer.text, path
                assert _SECRET not in answer.text, path
                asked += answer.status_code == 200
        assert asked > 50
        for verb, path, body in _REFUSED:
            answer = client.request(verb, f"{api}{path}", content=body)
            assert answer.status_code >= 400
            assert _MASKED not in answer.text, path
        told = client.get(f"{api}/audit", params={"size": 5000}).text + client.get(f"{server.url}/metrics").text
    logged = "".join(f"{record.getMessage()} {vars(record)}" for record in caplog.records)
    for canary in (_MASKED, _SECRET):
        assert canary not in told + logged
