"""Signing in and out, where the server asks who calls."""

from __future__ import annotations

from attrs import frozen

from podium.server.access import Gate
from podium.server.errors import Refusal
from podium.server.web.answers import Answer, Redirect, Signed, View
from podium.server.web.security import own_path
from podium.server.web.table import act, show
from podium.server.web.visits import Visit


@frozen
class SignIn:
    """What the page of signing in shows."""

    next: str
    key: str = ""
    trouble: str = ""


def sign_in(visit: Visit) -> Answer:
    """Ask who calls."""
    to = own_path(visit.query.text("next", "/"))
    return Redirect("/") if visit.desk.gate is None else View("signin.html", SignIn(to))


def signed_in(visit: Visit) -> Answer:
    """Begin a session for who has a key, and its secret."""
    gate, form = visit.desk.gate, visit.form
    to = own_path(form.text("next", "/"))
    if gate is None:
        return Redirect("/")
    gate.refuse_often(visit.peer)
    gate.renew()  # a key or a person that is a moment old is known at once
    try:
        token = _token(gate, form.text("key"), form.raw("secret"), visit.now)
    except Refusal as refusal:
        visit.tell("sign_in", "token", form.text("key"), result="REFUSED")
        return View("signin.html", SignIn(to, form.text("key"), str(refusal)), refusal.status)
    visit.tell("sign_in", "token", form.text("key"))
    return Signed(token, to)


def _token(gate: Gate, name: str, secret: str, now: int) -> str:
    """Return a token for a key with its secret, or for a person with his password."""
    try:
        return gate.token(name, secret.strip(), now)
    except Refusal as refusal:
        if refusal.status != 401:
            raise
    return gate.token_of_user(name, secret, now)


def signed_out(visit: Visit) -> Answer:
    """End the session."""
    return Signed("", "/signin")


PAGES = (
    show("/signin", sign_in, least=None),
    act("/signin", signed_in, least=None, changes=False),
    act("/signout", signed_out, least=None, changes=False),
)
