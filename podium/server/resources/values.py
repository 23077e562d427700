"""
``/secrets`` and ``/environment`` (Conductor: ``SecretController.java``, ``EnvironmentResource.java``).

Secrets can be written here and not read: what Conductor answers with a value is refused, whoever asks.
"""

from __future__ import annotations

from podium.model.errors import InvalidRequest, NotFound
from podium.model.json_text import parse
from podium.server.answers import EMPTY, Answer, json_answer, text_answer
from podium.server.calls import Call
from podium.server.desk import Desk
from podium.server.errors import Refusal
from podium.server.resources.tags import tags_of
from podium.server.routing import BARE, NUMBER, TRUTH, WORD, Body, array, delete, get, post, put
from podium.server.shapes import record


def _value(call: Call) -> str:
    """Return a body that is a text: as it stands, as Conductor takes it, or as a text of JSON."""
    try:
        text = call.content.decode()
    except UnicodeDecodeError as error:
        raise InvalidRequest(f"the value is no text in UTF-8: {error.reason} at byte {error.start}") from None
    if text.startswith('"'):
        try:
            return str(parse(text))
        except ValueError:
            return text
    return text


async def put_secret(desk: Desk, call: Call) -> Answer:
    """Keep a secret; the body is its value."""
    await desk.do(desk.client.secrets.put, call.path["key"], _value(call))
    return EMPTY


async def get_secret(desk: Desk, call: Call) -> Answer:
    """Refused: secrets can be written and not read."""
    await _known(desk, call.path["key"])
    raise Refusal(403, "secrets can be written and not read; tasks get them as ${workflow.secrets.NAME}")


async def has_secret(desk: Desk, call: Call) -> Answer:
    """Whether there is such a secret."""
    names = {each.name for each in await desk.do(desk.client.secrets.list)}
    return json_answer(call.path["key"] in names)


async def delete_secret(desk: Desk, call: Call) -> Answer:
    """Take a secret out."""
    await desk.do(desk.client.secrets.delete, call.path["key"])
    return EMPTY


async def list_secrets(desk: Desk, _: Call) -> Answer:
    """The names of the secrets."""
    return json_answer([each.name for each in await desk.do(desk.client.secrets.list)])


async def describe_secrets(desk: Desk, _: Call) -> Answer:
    """The secrets, without their values."""
    found = await desk.do(desk.client.secrets.list)
    backend = desk.engine.backend
    tags = await desk.look(lambda: {each.name: tags_of(backend, "secret_tags", each.name) for each in found})
    moments = {each.name: int(each.changed_at.timestamp() * 1000) for each in found}
    return json_answer([{"name": name, "tags": tags[name], "updated_at": at} for name, at in moments.items()])


async def _known(desk: Desk, name: str) -> None:
    if name not in {each.name for each in await desk.do(desk.client.secrets.list)}:
        raise NotFound(f"no secret is called {name!r}")


async def put_variable(desk: Desk, call: Call) -> Answer:
    """Set a variable; the body is its value."""
    await desk.do(desk.client.environment.put, call.path["key"], _value(call))
    return EMPTY


async def get_variable(desk: Desk, call: Call) -> Answer:
    """The value of a variable; nothing if there is none."""
    value = (await desk.do(desk.client.environment.list)).get(call.path["key"])
    return text_answer(value or "")


async def list_variables(desk: Desk, _: Call) -> Answer:
    """The variables, those of the server's process too."""
    found = await desk.do(desk.client.environment.list)
    return json_answer([{"name": name, "value": value} for name, value in found.items()])


async def delete_variable(desk: Desk, call: Call) -> Answer:
    """Take a variable out."""
    await desk.do(desk.client.environment.delete, call.path["key"])
    return EMPTY


_TEXT = Body(shape=BARE)
_SECRETS = array(record(("name",), name=WORD, updated_at=NUMBER))

ROUTES = (
    get("/secrets", list_secrets, answers={200: array(WORD)}),
    post("/secrets", list_secrets, answers={200: array(WORD)}),
    get("/secrets/v2", describe_secrets, answers={200: _SECRETS}),
    get("/secrets-v2", describe_secrets, answers={200: _SECRETS}),
    put("/secrets/{key}", put_secret, body=_TEXT),
    get("/secrets/{key}", get_secret),
    delete("/secrets/{key}", delete_secret),
    get("/secrets/{key}/exists", has_secret, answers={200: TRUTH}),
    get("/environment", list_variables, answers={200: array(record(("name", "value"), name=WORD, value=WORD))}),
    get("/environment/{key}", get_variable, answers={200: BARE}),
    put("/environment/{key}", put_variable, body=_TEXT),
    delete("/environment/{key}", delete_variable),
)
