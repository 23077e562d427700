"""``podium keys``: who may call a server that asks who calls."""

from __future__ import annotations

from typing import Annotated

import typer

from podium.cli.console import out, say
from podium.cli.defaults import DEFAULT_DB
from podium.cli.options import Db
from podium.cli.stores import open_embedded
from podium.model.errors import InvalidRequest
from podium.server.roles import Role

keys = typer.Typer(help="Who may call a server that asks who calls.", no_args_is_help=True)

WhatMayBe = Annotated[list[Role], typer.Option("--role", help="What it may do; may be repeated.", case_sensitive=False)]


@keys.command("new")
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Who it is for, such as 'billing workers'.")],
    *,
    role: WhatMayBe,
    db: Db = DEFAULT_DB,
) -> None:
    """
    Make an application with a key, and print the key's id and its secret, which nothing shows again.

    Clients read them from CONDUCTOR_AUTH_KEY and CONDUCTOR_AUTH_SECRET.
    """
    from podium.client.embedded_audit import ReportedChange, tell_here
    from podium.engine.requests import Register
    from podium.server.access import APPLICATION, AccessApplication, with_new_key

    with open_embedded(db) as client:
        now = client.engine.clock.now()
        made = AccessApplication(id=client.engine.ids.run_id(), name=name, roles=tuple(role), created_at=now)
        application, key_id, secret = with_new_key(made, now)
        client.kernel.register(Register(entries=[(APPLICATION, made.id, application.body())])).wait()
        tell_here(client.engine, ReportedChange("add_key", "application", f"{name}/{key_id}"))
    out(f"CONDUCTOR_AUTH_KEY={key_id}")
    out(f"CONDUCTOR_AUTH_SECRET={secret}")


@keys.command("list")
def list_keys(*, db: Db = DEFAULT_DB) -> None:
    """Print the applications, their roles, and their keys."""
    from podium.server.access import APPLICATION, application_of

    with open_embedded(db) as client:
        for row in client.engine.backend.entries(APPLICATION):
            one = application_of(row.name, row.body)
            for key in one.keys:
                state = "" if key.is_active else "  (inactive)"
                out(f"{key.id}  {one.name}  {' '.join(one.roles)}{state}")


@keys.command("revoke")
def revoke(
    key_id: Annotated[str, typer.Argument(metavar="KEY", help="The id of the key.")], *, db: Db = DEFAULT_DB
) -> None:
    """Take a key back; servers refuse it, and its tokens, within a second or two."""
    from attrs import evolve

    from podium.client.embedded_audit import ReportedChange, tell_here
    from podium.engine.requests import Register
    from podium.server.access import APPLICATION, application_of

    with open_embedded(db) as client:
        for row in client.engine.backend.entries(APPLICATION):
            one = application_of(row.name, row.body)
            left = tuple(key for key in one.keys if key.id != key_id)
            if len(left) < len(one.keys):
                entry = (APPLICATION, one.id, evolve(one, keys=left).body())
                client.kernel.register(Register(entries=[entry])).wait()
                tell_here(client.engine, ReportedChange("drop_key", "application", f"{one.name}/{key_id}"))
                say(f"key {key_id} of {one.name} is taken back")
                return
    raise InvalidRequest(f"there is no key {key_id!r}; see podium keys list")
