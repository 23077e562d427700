"""``/metadata/webhook`` and ``/webhook``: calls of other systems, which start runs and wake those that wait (Orkes)."""

from __future__ import annotations

from typing import Any

from podium.engine.requests import Register
from podium.model.errors import InvalidRequest, NotFound
from podium.server.answers import EMPTY, JSON, Answer, json_answer
from podium.server.calls import Call, read_json
from podium.server.desk import Desk
from podium.server.errors import Refusal
from podium.server.parameters import text
from podium.server.routing import BARE, OBJECT, WORD, Body, array, delete, get, post, put
from podium.server.shapes import record
from podium.server.starts import start
from podium.server.webhooks import WEBHOOK, Webhook, challenge, is_genuine, read_webhook, stored_webhook


async def create(desk: Desk, call: Call) -> Answer:
    """Make a webhook; the answer has the path that the other system is to call."""
    return await _keep(desk, read_webhook(desk.engine.ids.run_id(), call.object(), call.who.get("name", ""), None))


async def change(desk: Desk, call: Call) -> Answer:
    """Replace a webhook; what proves a caller stays where the body has ``***``."""
    before = await _webhook(desk, call)
    return await _keep(desk, read_webhook(before.id, call.object(), "", before))


async def _keep(desk: Desk, webhook: Webhook) -> Answer:
    await desk.register(Register(entries=[(WEBHOOK, webhook.id, webhook.body(desk.engine.seal))]))
    return json_answer(webhook.to_dict())


async def list_all(desk: Desk, call: Call) -> Answer:
    """The webhooks, without what proves their callers."""

    def look() -> Answer:
        rows = desk.engine.backend.entries(WEBHOOK)
        found = [stored_webhook(row.name, row.body, desk.engine.seal) for row in rows]
        return json_answer([each.to_dict() for each in found if each is not None])

    return await desk.look(look)


async def get_one(desk: Desk, call: Call) -> Answer:
    """A webhook."""
    return json_answer((await _webhook(desk, call)).to_dict())


async def remove(desk: Desk, call: Call) -> Answer:
    """Take a webhook out."""
    if await desk.look(lambda: desk.engine.backend.entry(WEBHOOK, call.path["id"])) is None:
        raise NotFound(f"there is no webhook {call.path['id']!r}")
    await desk.register(Register(gone_entries=[(WEBHOOK, call.path["id"])]))
    return EMPTY


async def receive(desk: Desk, call: Call) -> Answer:
    """Take a call of another system: runs that wait for it go on, and those that it starts begin."""
    webhook = await _webhook(desk, call)
    answer = challenge(webhook, call.query, call.content)
    if answer is None and not is_genuine(webhook, call.headers, call.content, desk.engine.clock.now()):
        raise Refusal(401, "this call does not prove that it is of the system that this webhook is for")
    call.who = {"id": f"webhook:{webhook.id}", "name": webhook.name}
    if answer is not None:
        return Answer(answer.encode(), JSON)
    payload = _payload(call)
    told: list[tuple[str, str]] = []
    for name in webhook.receivers:
        told += await desk.do(desk.client.deliver_webhook, payload, workflow=name)
    call.outcomes |= dict.fromkeys(run_id for run_id, _ in told)
    started = []
    for name, version in webhook.starts.items():
        started.append(await start(desk, call, {"name": name, "version": version, "input": payload}))
    return json_answer({"started": started, "continued": [run_id for run_id, _ in told]})


async def ask(desk: Desk, call: Call) -> Answer:
    """Answer a system that asks whether this is its webhook."""
    webhook = await _webhook(desk, call)
    answer = challenge(webhook, call.query, call.content)
    if answer is None:
        raise Refusal(405, "a webhook is called by POST", headers={"allow": "POST"})
    return Answer(answer.encode(), JSON)


def _payload(call: Call) -> dict[str, Any]:
    found = read_json(call.content) if call.content.strip() else {}
    if not isinstance(found, dict):
        raise InvalidRequest("a webhook's body is a JSON object")
    return found


async def _webhook(desk: Desk, call: Call) -> Webhook:
    webhook_id = call.path["id"]

    def look() -> Webhook | None:
        row = desk.engine.backend.entry(WEBHOOK, webhook_id)
        if row is None:
            raise NotFound(f"there is no webhook {webhook_id!r}")
        return stored_webhook(row.name, row.body, desk.engine.seal)

    found = await desk.look(look)
    if found is None:
        raise Refusal(503, f"no key of this server opens the webhook {webhook_id!r}")
    return found


_WEBHOOK = record(("id", "name"), id=WORD, name=WORD, verifier=WORD, url=WORD, headers=OBJECT)
_GIVEN = Body(shape=record(("name",), name=WORD))
_TOLD = record(started=array(WORD), continued=array(WORD))

ROUTES = (
    get("/metadata/webhook", list_all, answers={200: array(_WEBHOOK)}),
    post("/metadata/webhook", create, body=_GIVEN, answers={200: _WEBHOOK}),
    get("/metadata/webhook/{id}", get_one, answers={200: _WEBHOOK}),
    put("/metadata/webhook/{id}", change, body=_GIVEN, answers={200: _WEBHOOK}),
    delete("/metadata/webhook/{id}", remove),
    post(
        "/webhook/{id}",
        receive,
        body=Body(shape=BARE, is_required=False),
        answers={200: _TOLD},
        refusals={Refusal: 401},
        is_open=True,
    ),
    get(
        "/webhook/{id}",
        ask,
        text("crc_token", "A word to be signed."),
        answers={200: OBJECT},
        refusals={Refusal: 405},
        is_open=True,
    ),
)
