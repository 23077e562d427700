"""``podium secrets``: secrets of a store, which nobody reads back."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from podium.cli.console import out, say
from podium.cli.defaults import DEFAULT_DB
from podium.cli.options import Db
from podium.cli.stores import open_existing

secrets = typer.Typer(help="Secrets of a store, which nobody reads back.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="Letters, digits, _ and -.")]


@secrets.command("new-key")
def new_key() -> None:
    """
    Print a new key, for PODIUM_SECRETS_KEY in the environment of each process that works on the store.

    To change keys, put the new one before the old one, with a comma between them.
    """
    from podium.client.sealing import new_key as make

    out(make())


@secrets.command("put")
def put(name: Name, *, db: Db = DEFAULT_DB) -> None:
    """Keep a secret; its value is asked for, or read from the standard input where that is no terminal."""
    if sys.stdin.isatty():
        value = typer.prompt("value", hide_input=True, confirmation_prompt=True)
    else:
        value = sys.stdin.read().removesuffix("\n")
    with open_existing(db) as client:
        client.secrets.put(name, value)
    say(f"secret {name} is kept")


@secrets.command("list")
def list_names(*, db: Db = DEFAULT_DB) -> None:
    """Print the names of the secrets, and when they were changed."""
    with open_existing(db) as client:
        for each in client.secrets.list():
            out(f"{each.name}  {each.changed_at:%Y-%m-%d %H:%M}")


@secrets.command("delete")
def delete(name: Name, *, db: Db = DEFAULT_DB) -> None:
    """Take a secret out."""
    with open_existing(db) as client:
        client.secrets.delete(name)
    say(f"secret {name} is gone")
