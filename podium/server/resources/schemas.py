"""``/schema``: schemas that definitions may name instead of holding them (Orkes: ``SchemaResource``)."""

from __future__ import annotations

from typing import Any

from attrs import evolve

from podium.engine.requests import Register
from podium.engine.rows import SchemaRow
from podium.model.codec import from_dict, from_json
from podium.model.definitions import SchemaDef
from podium.model.errors import DefinitionNotFound
from podium.server.answers import EMPTY, Answer, json_answer
from podium.server.bodies import whole_number
from podium.server.calls import Call
from podium.server.desk import Desk
from podium.server.parameters import flag
from podium.server.routing import Body, array, delete, get, post, ref
from podium.server.wire import whole


async def save(desk: Desk, call: Call) -> Answer:
    """
    Register a schema or several, replacing those of the same name and version.

    Orkes: what is no JSON Schema is kept too; it is refused where a definition enforces it.
    """
    body = call.json()
    given = [from_dict(each, SchemaDef) for each in (body if isinstance(body, list) else [body])]
    makes_new = call.query["newVersion"]
    backend, now = desk.engine.backend, desk.engine.clock.now()

    def prepared() -> list[SchemaDef]:
        found = []
        for each in given:
            known = backend.schema(each.name, None if makes_new else each.version)
            version = known.version + 1 if makes_new and known is not None else each.version
            born = from_json(known.body, SchemaDef).create_time if known is not None and not makes_new else now
            found.append(evolve(each, version=version, create_time=born or now, update_time=now))
        return found

    await desk.register(Register(schemas=await desk.look(prepared)))
    return EMPTY


def schema_of(row: SchemaRow) -> dict[str, Any]:
    """Return a registered schema as the API writes it."""
    return whole(from_json(row.body, SchemaDef))


async def get_schemas(desk: Desk, call: Call) -> Answer:
    """All registered schemas, in all versions."""
    return await desk.look(lambda: json_answer([schema_of(row) for row in desk.engine.backend.schemas()]))


async def get_schema(desk: Desk, call: Call) -> Answer:
    """A registered schema."""
    name, version = call.path["name"], whole_number(call.path["version"], "version")

    def look() -> Answer:
        row = desk.engine.backend.schema(name, version)
        if row is None:
            raise DefinitionNotFound(f"No such schema found by name: {name}, version: {version}")
        return json_answer(schema_of(row))

    return await desk.look(look)


async def delete_schema(desk: Desk, call: Call) -> Answer:
    """Remove a version of a schema; runs keep what they began with."""
    await _remove(desk, call.path["name"], whole_number(call.path["version"], "version"))
    return EMPTY


async def delete_schemas(desk: Desk, call: Call) -> Answer:
    """Remove all versions of a schema."""
    await _remove(desk, call.path["name"], None)
    return EMPTY


async def _remove(desk: Desk, name: str, version: int | None) -> None:
    rows = await desk.look(desk.engine.backend.schemas)
    gone = [(row.name, row.version) for row in rows if row.name == name and version in {None, row.version}]
    if not gone:
        raise DefinitionNotFound(f"No such schema found by name: {name}")
    await desk.register(Register(gone_schemas=gone))


_SCHEMA = ref("SchemaDef")

ROUTES = (
    post(
        "/schema",
        save,
        flag("newVersion", "Give it the next version."),
        body=Body(shape={"anyOf": [_SCHEMA, array(_SCHEMA)]}),
    ),
    get("/schema", get_schemas, answers={200: array(_SCHEMA)}),
    get("/schema/{name}/{version}", get_schema, answers={200: _SCHEMA}),
    delete("/schema/{name}/{version}", delete_schema),
    delete("/schema/{name}", delete_schemas),
)
