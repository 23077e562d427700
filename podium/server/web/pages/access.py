"""Users, groups, and applications with their keys."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import field, frozen

from podium.model.errors import InvalidRequest
from podium.server.access import AccessApplication
from podium.server.accounts import Accounts
from podium.server.people import PASSWORD_MIN, Group, User, roles_in, roles_of
from podium.server.roles import Role
from podium.server.web.answers import Answer, Redirect, View
from podium.server.web.table import act, show
from podium.server.web.visits import Fields, Visit

_HERE = "/settings/access"
#: What each role may, in words.
ROLES = {
    Role.ADMIN: "everything",
    Role.EDITOR: "everything but users, keys, retention and audit",
    Role.VIEWER: "look at definitions, runs and searches",
    Role.WORKER: "poll, report and log; no page",
}


@frozen(kw_only=True)
class Access:
    """What the page shows."""

    users: tuple[User, ...]
    groups: tuple[Group, ...]
    applications: tuple[AccessApplication, ...]
    #: What each user may, by all that he has.
    may: dict[str, tuple[Role, ...]]
    roles: dict[Role, str] = field(factory=lambda: dict(ROLES))
    #: What the forms hold.
    user: User | None = None
    group: Group | None = None
    application: AccessApplication | None = None
    #: A key that has just been made: its application's name, its id, and its secret.
    new_key: tuple[str, str, str] | None = None
    trouble: str = ""
    password_min: int = PASSWORD_MIN


def access(visit: Visit) -> Answer:
    """Show who may call; the forms hold whom the address names."""
    return _page(visit)


def _page(visit: Visit, *, trouble: str = "", new_key: tuple[str, str, str] | None = None) -> View:
    accounts, query = Accounts(visit.desk), visit.query
    users, groups, applications = accounts.users, accounts.groups, accounts.applications
    it = Access(
        users=tuple(users.values()),
        groups=tuple(groups.values()),
        applications=tuple(sorted(applications.values(), key=lambda one: one.name)),
        may={one.id: roles_of(one, groups) for one in users.values()},
        user=users.get(query.text("user")),
        group=groups.get(query.text("group")),
        application=applications.get(query.text("application")),
        new_key=new_key,
        trouble=trouble,
    )
    return View("settings/access.html", it, 400 if trouble else 200)


def _roles(form: Fields) -> Iterable[Role]:
    return roles_in(form.texts("roles"))


def save_user(visit: Visit) -> Answer:
    """Make a user, or change one."""
    form, user_id = visit.form, visit.form.text("id")
    groups = form.texts("groups")
    try:
        Accounts(visit.desk).save_user(
            user_id, name=form.text("name"), roles=_roles(form), groups=groups, password=form.raw("password")
        )
    except InvalidRequest as error:
        return _page(visit, trouble=str(error))
    visit.tell("save", "user", user_id)
    return Redirect(_HERE, f"The user {user_id} is saved.")


def save_group(visit: Visit) -> Answer:
    """Make a group, or change one."""
    form, group_id = visit.form, visit.form.text("id")
    try:
        Accounts(visit.desk).save_group(group_id, description=form.text("description"), roles=_roles(form))
    except InvalidRequest as error:
        return _page(visit, trouble=str(error))
    visit.tell("save", "group", group_id)
    return Redirect(_HERE, f"The group {group_id} is saved.")


def save_application(visit: Visit) -> Answer:
    """Make an application, or change one."""
    form, name = visit.form, visit.form.text("name")
    try:
        Accounts(visit.desk).save_application(form.text("id"), name=name, roles=_roles(form))
    except InvalidRequest as error:
        return _page(visit, trouble=str(error))
    visit.tell("save", "application", name)
    return Redirect(_HERE, f"The application {name} is saved. Make a key for it.")


def remove(visit: Visit) -> Answer:
    """Take a user, a group or an application out."""
    accounts, kind, one = Accounts(visit.desk), visit.form.text("kind"), visit.form.text("id")
    verbs = {
        "user": accounts.remove_user,
        "group": accounts.remove_group,
        "application": accounts.remove_application,
    }
    if kind not in verbs:
        raise InvalidRequest(f"there is no such thing as a {kind!r:.50}")
    verbs[kind](one)
    visit.tell("delete", kind, one)
    return Redirect(_HERE, f"The {kind} is deleted.")


def new_key(visit: Visit) -> Answer:
    """Make a key; its secret stands on this one page only."""
    accounts, app_id = Accounts(visit.desk), visit.form.text("id")
    key_id, secret = accounts.new_key(app_id)
    visit.tell("create", "application", app_id)
    return _page(visit, new_key=(accounts.applications[app_id].name, key_id, secret))


def turn_key(visit: Visit) -> Answer:
    """Let a key be good, or good no longer."""
    key_id = visit.form.text("key")
    is_good = Accounts(visit.desk).turn_key(visit.form.text("id"), key_id)
    visit.tell("turn", "application", visit.form.text("id"))
    return Redirect(_HERE, f"The key {key_id} is {'active again' if is_good else 'revoked'}.")


def remove_key(visit: Visit) -> Answer:
    """Take a key away."""
    Accounts(visit.desk).remove_key(visit.form.text("id"), visit.form.text("key"))
    visit.tell("revoke", "application", visit.form.text("id"))
    return Redirect(_HERE, "The key is deleted.")


PAGES = (
    show(_HERE, access, least=Role.ADMIN),
    act(f"{_HERE}/user", save_user, least=Role.ADMIN),
    act(f"{_HERE}/group", save_group, least=Role.ADMIN),
    act(f"{_HERE}/application", save_application, least=Role.ADMIN),
    act(f"{_HERE}/remove", remove, least=Role.ADMIN),
    act(f"{_HERE}/key", new_key, least=Role.ADMIN),
    act(f"{_HERE}/key/turn", turn_key, least=Role.ADMIN),
    act(f"{_HERE}/key/remove", remove_key, least=Role.ADMIN),
)
