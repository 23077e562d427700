"""Users, groups and applications with their keys, as somebody changes them who may block, such as a page does."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from attrs import evolve

from podium.engine.requests import Register
from podium.model.errors import InvalidRequest, NotFound
from podium.server.access import APPLICATION, AccessApplication, AccessKey, application_of, with_new_key
from podium.server.people import GROUP, USER, Group, User, checked_id, groups_of, users_of, without_group
from podium.server.roles import Role

if TYPE_CHECKING:
    from podium.server.desk import Desk

_NAME_MAX = 200


class Accounts:
    """
    Who may call; a server that asks nobody who he is keeps them too, for the time when one does.

    Args:
        desk: The engine.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._registry = desk.engine.backend

    @property
    def users(self) -> dict[str, User]:
        """The people by their ids."""
        return users_of(self._registry)

    @property
    def groups(self) -> dict[str, Group]:
        """The groups by their ids."""
        return groups_of(self._registry)

    @property
    def applications(self) -> dict[str, AccessApplication]:
        """The applications by their ids."""
        return {row.name: application_of(row.name, row.body) for row in self._registry.entries(APPLICATION)}

    # -- people --------------------------------------------------------------------------------------------------------

    def save_user(
        self, user_id: str, *, name: str, roles: Iterable[Role], groups: Iterable[str], password: str = ""
    ) -> None:
        """
        Make a person, or change one.

        Args:
            user_id: What the person signs in as.
            name: What others see.
            roles: What the person may.
            groups: Those that the person is in; what is no group is refused.
            password: A new one; empty to keep the one there is.

        Raises:
            InvalidRequest: The id, a group or the password cannot be.
        """
        now = self._desk.engine.clock.now()
        known, there = self.groups, tuple(dict.fromkeys(groups))
        wrong = [each for each in there if each not in known]
        if wrong:
            raise InvalidRequest(f"there is no group {wrong[0]!r}")
        user_id = checked_id(user_id, "user")
        user = self.users.get(user_id) or User(id=user_id, name=user_id, created_at=now)
        user = evolve(user, name=name or user_id, roles=tuple(roles), groups=there)
        if password:
            user = user.with_password(password, now)
        self._keep((USER, user.id, user.body()))

    def save_group(self, group_id: str, *, description: str, roles: Iterable[Role]) -> None:
        """
        Make a group, or change one.

        Raises:
            InvalidRequest: The id cannot be one.
        """
        group = Group(id=checked_id(group_id, "group"), description=description, roles=tuple(roles))
        self._keep((GROUP, group.id, group.body()))

    def remove_user(self, user_id: str) -> None:
        """Take a person out; whatever the person has signed in ends."""
        self._drop((USER, user_id))

    def remove_group(self, group_id: str) -> None:
        """Take a group out, and everybody out of it."""
        self._register(without_group(group_id, self.users.values()))

    # -- applications --------------------------------------------------------------------------------------------------

    def save_application(self, app_id: str, *, name: str, roles: Iterable[Role]) -> None:
        """
        Make an application (without an id), or change one.

        Raises:
            InvalidRequest: It has no name.
            NotFound: There is none of this id.
        """
        if not name or len(name) > _NAME_MAX:
            raise InvalidRequest(f"an application has a name of {_NAME_MAX} characters at most")
        now = self._desk.engine.clock.now()
        if app_id:
            one = self._application(app_id)
        else:
            one = AccessApplication(id=self._desk.engine.ids.run_id(), name=name, created_at=now)
        self._keep_application(evolve(one, name=name, roles=tuple(roles), updated_at=now))

    def remove_application(self, app_id: str) -> None:
        """Take an application away, with its keys."""
        self._drop((APPLICATION, app_id))

    def new_key(self, app_id: str) -> tuple[str, str]:
        """Make a key of an application; gives its id and its secret, which nobody is told again."""
        changed, key_id, secret = with_new_key(self._application(app_id), self._desk.engine.clock.now())
        self._keep_application(changed)
        return key_id, secret

    def turn_key(self, app_id: str, key_id: str) -> bool:
        """Let a key that is good be good no longer, or the other way round; gives whether it is now."""
        one = self._application(app_id)
        turned = [evolve(key, is_active=not key.is_active) if key.id == key_id else key for key in one.keys]
        self._keep_application(evolve(one, keys=tuple(turned)))
        return self._key(turned, key_id).is_active

    def remove_key(self, app_id: str, key_id: str) -> None:
        """Take a key away."""
        one = self._application(app_id)
        self._key(one.keys, key_id)
        self._keep_application(evolve(one, keys=tuple(key for key in one.keys if key.id != key_id)))

    def _application(self, app_id: str) -> AccessApplication:
        found = self.applications.get(app_id)
        if found is None:
            raise NotFound(f"no application has the id {app_id!r:.100}")
        return found

    def _key(self, keys: Iterable[AccessKey], key_id: str) -> AccessKey:
        found = next((key for key in keys if key.id == key_id), None)
        if found is None:
            raise NotFound(f"there is no key {key_id!r:.100}")
        return found

    # -- the store -----------------------------------------------------------------------------------------------------

    def _keep_application(self, one: AccessApplication) -> None:
        self._keep((APPLICATION, one.id, one.body()))

    def _keep(self, entry: tuple[str, str, bytes]) -> None:
        self._register(Register(entries=[entry]))

    def _drop(self, entry: tuple[str, str]) -> None:
        self._register(Register(gone_entries=[entry]))

    def _register(self, request: Register) -> None:
        self._desk.kernel.register(request).wait()
        if self._desk.gate is not None:
            self._desk.gate.renew()
