"""``podium users``: who may sign in to a server that asks who calls."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from podium.cli.console import out, say
from podium.cli.defaults import DEFAULT_DB
from podium.cli.options import Db
from podium.cli.stores import open_embedded
from podium.model.errors import InvalidRequest
from podium.server.roles import Role

if TYPE_CHECKING:
    from podium.client.embedded import EmbeddedClient
    from podium.server.people import User

users = typer.Typer(help="Who may sign in to a server that asks who calls.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="What the person signs in as.")]


@users.command("add")
def add(
    name: Name,
    *,
    role: Annotated[
        list[Role], typer.Option("--role", help="What the person may do; may be repeated.", case_sensitive=False)
    ],
    full_name: Annotated[str | None, typer.Option("--full-name", metavar="TEXT", help="What others read.")] = None,
    db: Db = DEFAULT_DB,
) -> None:
    """Let somebody sign in; the password is asked for, or read from the standard input where that is no terminal."""
    from podium.server.people import User, checked_id, users_of

    with open_embedded(db) as client:
        if name in users_of(client.engine.backend):
            raise InvalidRequest(f"there is a user {name!r} already; see podium users list")
        now = client.engine.clock.now()
        user = User(id=checked_id(name, "user"), name=full_name or name, roles=tuple(role), created_at=now)
        _keep(client, user.with_password(_password(), now), "add")
    say(f"{name} may sign in")


@users.command("list")
def list_users(*, db: Db = DEFAULT_DB) -> None:
    """Print who may sign in, and their roles."""
    from podium.server.people import groups_of, roles_of, users_of

    with open_embedded(db) as client:
        groups = groups_of(client.engine.backend)
        for user in users_of(client.engine.backend).values():
            state = "" if user.password else "  (no password)"
            out(f"{user.id}  {user.name}  {' '.join(roles_of(user, groups))}{state}")


@users.command("password")
def password(name: Name, *, db: Db = DEFAULT_DB) -> None:
    """Give somebody another password; what the person has signed in ends within a second or two."""
    with _found(db, name) as (client, user):
        _keep(client, user.with_password(_password(), client.engine.clock.now()), "set_password")
    say(f"{name} has another password")


@users.command("roles")
def roles(
    name: Name,
    role: Annotated[
        list[Role], typer.Argument(metavar="ROLE...", help="In place of those before.", case_sensitive=False)
    ],
    *,
    db: Db = DEFAULT_DB,
) -> None:
    """Say what somebody may do."""
    from attrs import evolve

    with _found(db, name) as (client, user):
        _keep(client, evolve(user, roles=tuple(role)), "set_roles")
    say(f"{name} has {', '.join(role)}")


@users.command("remove")
def remove(name: Name, *, db: Db = DEFAULT_DB) -> None:
    """Take somebody out; what the person has signed in ends within a second or two."""
    from podium.client.embedded_audit import ReportedChange, tell_here
    from podium.engine.requests import Register
    from podium.server.people import USER

    with _found(db, name) as (client, _):
        client.kernel.register(Register(gone_entries=[(USER, name)])).wait()
        tell_here(client.engine, ReportedChange("remove", "user", name))
    say(f"{name} may sign in no longer")


@contextmanager
def _found(db: str, name: str) -> Iterator[tuple[EmbeddedClient, User]]:
    from podium.server.people import users_of

    with open_embedded(db) as client:
        user = users_of(client.engine.backend).get(name)
        if user is None:
            raise InvalidRequest(f"there is no user {name!r}; see podium users list")
        yield client, user


def _keep(client: EmbeddedClient, user: User, verb: str) -> None:
    from podium.client.embedded_audit import ReportedChange, tell_here
    from podium.engine.requests import Register
    from podium.server.people import USER

    client.kernel.register(Register(entries=[(USER, user.id, user.body())])).wait()
    tell_here(client.engine, ReportedChange(verb, "user", user.id))


def _password() -> str:
    if sys.stdin.isatty():
        return str(typer.prompt("password", hide_input=True, confirmation_prompt=True))
    # What a browser or a prompt cannot send would let nobody in: a second line, or the end of one as Windows writes it.
    lines = sys.stdin.read().splitlines()
    if len(lines) > 1:
        raise InvalidRequest("a password is one line; the standard input has more")
    return lines[0] if lines else ""
