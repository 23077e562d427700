"""``/secrets`` and ``/environment`` as clients of Conductor use them."""

from __future__ import annotations

import httpx
import pytest

from podium.client.sealing import KEY_VARIABLE, new_key
from podium.testing.serving import running_server


def test_secrets_are_written_listed_and_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """PUT takes a bare text or one of JSON; names are listed; a value is refused (403), an unknown name is 404."""
    monkeypatch.setenv(KEY_VARIABLE, new_key())
    with running_server() as server, httpx.Client(base_url=server.api) as api:
        assert api.put("/secrets/a", content="geheim", headers={"content-type": "application/json"}).status_code == 200
        assert api.put("/secrets/b", json="geheim").status_code == 200
        assert api.put("/secrets/c", content="").status_code == 400
        assert api.put("/secrets/a.b", content="x").status_code == 400
        assert "UTF-8" in api.put("/secrets/c", content=b"k\xf6ln").json()["message"]
        assert (api.get("/secrets").json(), api.post("/secrets").json()) == (["a", "b"], ["a", "b"])
        assert [each["name"] for each in api.get("/secrets-v2").json()] == ["a", "b"]
        assert [api.get(f"/secrets/{name}/exists").json() for name in "ac"] == [True, False]
        answers = [api.get("/secrets/a"), api.get("/secrets/c")]
        assert [each.status_code for each in answers] == [403, 404]
        assert "geheim" not in "".join(each.text for each in answers)
        assert api.delete("/secrets/a").status_code == 200
        assert api.get("/secrets").json() == ["b"]


def test_variables_are_set_and_read() -> None:
    """PUT takes a text, GET gives it bare; what nobody has set is an empty answer."""
    with running_server() as server, httpx.Client(base_url=server.api) as api:
        assert api.put("/environment/region", content="eu").status_code == 200
        assert api.get("/environment/region").text == "eu"
        assert {"name": "region", "value": "eu"} in api.get("/environment").json()
        assert (api.get("/environment/none").status_code, api.get("/environment/none").content) == (200, b"")
        assert api.delete("/environment/region").status_code == 200
        assert api.get("/environment/region").content == b""
