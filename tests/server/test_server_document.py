"""The OpenAPI document, and the server held against it."""

from __future__ import annotations

import warnings

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from podium.server.resources import ROUTES
from podium.testing.serving import RunningServer

#: Requests for each operation; with more than a hundred operations some seconds.
_EXAMPLES = 4


def test_the_document_tells_of_every_row(server: RunningServer) -> None:
    """Each path and verb of the table, with a summary, its parameters and answers; at both addresses."""
    document = httpx.get(f"{server.url}/openapi.json").json()
    assert httpx.get(f"{server.url}/api-docs").json() == document
    for route in ROUTES:
        operation = document["paths"][route.full_path][route.method.lower()]
        assert operation["summary"]
        assert {str(status) for status in route.answers} <= operation["responses"].keys()
        names = {each["name"] for each in operation.get("parameters", ())}
        assert names == {*route.names, *(each.name for each in route.query.parameters)}
    identifiers = [each["operationId"] for verbs in document["paths"].values() for each in verbs.values()]
    assert len(set(identifiers)) == len(identifiers)


def test_no_request_brings_the_server_down_or_an_answer_that_is_not_documented(server: RunningServer) -> None:
    """Requests made of the document: no answer from 500 on, and each as the document says."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # those of its own imports
        schemathesis = pytest.importorskip("schemathesis")
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi import checks

    asked = [
        not_a_server_error,
        checks.status_code_conformance,
        checks.content_type_conformance,
        checks.response_schema_conformance,
    ]
    quietly = settings(
        max_examples=_EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    count = 0
    for found in schemathesis.openapi.from_url(f"{server.url}/openapi.json").get_all_operations():

        @quietly
        @given(case=found.ok().as_strategy())
        def hold(case: object) -> None:
            nonlocal count
            count += 1
            case.call_and_validate(checks=asked, timeout=30)  # type: ignore[attr-defined]  # a case of schemathesis

        hold()
    assert count > len(ROUTES)
