"""Secrets, which can be written and never read, and the variables of the environment."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from attrs import frozen

from podium.client.secrets import SecretInfo
from podium.model.definitions import WorkflowDef
from podium.model.errors import InvalidRequest
from podium.server.roles import Role
from podium.server.web.answers import Answer, Redirect, View
from podium.server.web.sources import json_of
from podium.server.web.table import act, show
from podium.server.web.visits import Visit

_SECRET = re.compile(r"workflow\.secrets\.([A-Za-z0-9_-]+)")
_VARIABLE = re.compile(r"workflow\.env\.([A-Za-z0-9_-]+)")
#: Longest value that the list shows of a variable.
_SHOWN_MAX = 200


@frozen(kw_only=True)
class SecretsPage:
    """What the page of secrets shows: no value."""

    secrets: tuple[SecretInfo, ...]
    #: The workflows that ask for each, by name.
    used_by: Mapping[str, tuple[str, ...]]
    #: Names that workflows ask for and that are not in the store.
    missing: tuple[str, ...]
    name: str = ""
    trouble: str = ""


def _used_by(definitions: Iterable[WorkflowDef], pattern: re.Pattern[str]) -> dict[str, tuple[str, ...]]:
    """Return which workflows name each value, by the value's name."""
    found: dict[str, dict[str, None]] = {}
    for each in definitions:
        for name in pattern.findall(json_of(each)):
            found.setdefault(name, {})[each.name] = None
    return {name: tuple(workflows) for name, workflows in found.items()}


def secrets(visit: Visit) -> Answer:
    """Show which secrets there are."""
    return _secrets(visit, name=visit.query.text("name"))


def _secrets(visit: Visit, *, name: str = "", trouble: str = "") -> View:
    known = visit.client.secrets.list()
    used = _used_by(visit.client.workflows(), _SECRET)
    missing = tuple(sorted(used.keys() - {each.name for each in known}))
    it = SecretsPage(secrets=known, used_by=used, missing=missing, name=name, trouble=trouble)
    return View("settings/secrets.html", it, 400 if trouble else 200)


def put_secret(visit: Visit) -> Answer:
    """Keep a secret."""
    name = visit.form.text("name")
    try:
        visit.client.secrets.put(name, visit.form.raw("value"))
    except InvalidRequest as error:
        return _secrets(visit, name=name, trouble=str(error))
    visit.tell("put", "secret", name)
    return Redirect("/settings/secrets", f"The secret {name} is saved. Tasks that are handed out from now on get it.")


def drop_secret(visit: Visit) -> Answer:
    """Take a secret out."""
    name = visit.form.text("name")
    visit.client.secrets.delete(name)
    visit.tell("delete", "secret", name)
    return Redirect("/settings/secrets", f"The secret {name} is deleted.")


@frozen(kw_only=True)
class VariableRow:
    """A variable of the list."""

    name: str
    value: str
    #: How many letters are not shown.
    left_out: int


@frozen(kw_only=True)
class Environment:
    """What the page of variables shows."""

    variables: tuple[VariableRow, ...]
    used_by: Mapping[str, tuple[str, ...]]
    missing: tuple[str, ...]
    name: str = ""
    value: str = ""
    trouble: str = ""


def environment(visit: Visit) -> Answer:
    """Show the variables; the form holds the one that is to be changed."""
    name = visit.query.text("name")
    value = visit.client.environment.list().get(name, "") if name else ""
    return _environment(visit, name=name, value=value)


def _environment(visit: Visit, *, name: str = "", value: str = "", trouble: str = "") -> View:
    known = visit.client.environment.list()
    used = _used_by(visit.client.workflows(), _VARIABLE)
    variables = tuple(
        VariableRow(name=each, value=text[:_SHOWN_MAX], left_out=max(len(text) - _SHOWN_MAX, 0))
        for each, text in known.items()
    )
    missing = tuple(sorted(used.keys() - known.keys()))
    it = Environment(variables=variables, used_by=used, missing=missing, name=name, value=value, trouble=trouble)
    return View("settings/environment.html", it, 400 if trouble else 200)


def put_variable(visit: Visit) -> Answer:
    """Set a variable."""
    name, value = visit.form.text("name"), visit.form.raw("value")
    try:
        visit.client.environment.put(name, value)
    except InvalidRequest as error:
        return _environment(visit, name=name, value=value, trouble=str(error))
    visit.tell("put", "variable", name)
    return Redirect("/settings/environment", f"The variable {name} is set.")


def drop_variable(visit: Visit) -> Answer:
    """Take a variable out."""
    name = visit.form.text("name")
    visit.client.environment.delete(name)
    visit.tell("delete", "variable", name)
    if name in visit.client.environment.list():
        said = f"{name} is set in the environment of the server's process, which no page changes."
        return Redirect("/settings/environment", said, is_bad=True)
    return Redirect("/settings/environment", f"The variable {name} is deleted.")


PAGES = (
    show("/settings", secrets, nav="Settings"),
    show("/settings/secrets", secrets),
    act("/settings/secrets", put_secret, least=Role.EDITOR),
    act("/settings/secrets/delete", drop_secret, least=Role.EDITOR),
    show("/settings/environment", environment),
    act("/settings/environment", put_variable, least=Role.EDITOR),
    act("/settings/environment/delete", drop_variable, least=Role.EDITOR),
)
