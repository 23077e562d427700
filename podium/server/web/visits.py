"""One request for a page, as handlers see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from attrs import field, frozen

from podium.client.embedded_audit import ReportedChange
from podium.model.audit import OK
from podium.model.errors import InvalidRequest
from podium.model.runs import WorkflowRun
from podium.server.audited import ANONYMOUS
from podium.server.roles import Role
from podium.server.web.ranks import suffices

if TYPE_CHECKING:
    from podium.client.interface import Client
    from podium.server.desk import Desk


@frozen(kw_only=True)
class Visitor:
    """Who asks; on a server that asks nobody who he is, an administrator without a name."""

    name: str = ""
    roles: tuple[Role, ...] = (Role.ADMIN,)
    #: As the audit has it.
    id: str = ANONYMOUS

    def may(self, least: Role | str | None) -> bool:
        """Return whether he may have what asks for a least role, such as ``"EDITOR"``; templates ask too."""
        return suffices(self.roles, None if least is None else Role(least))


@frozen
class Fields:
    """
    The fields of a form, or the parameters of an address; each may be there several times.

    Example:
        >>> Fields({"status": ["FAILED"], "page": ["2"]}).number("page", 1)
        2
    """

    values: Mapping[str, Sequence[str]]

    def __contains__(self, name: object) -> bool:
        return name in self.values

    def text(self, name: str, default: str = "") -> str:
        """Return the last value of a name, without spaces around it."""
        found = self.values.get(name)
        return found[-1].strip() if found else default

    def raw(self, name: str, default: str = "") -> str:
        """Return the last value of a name as it was typed; lines end with a line feed."""
        found = self.values.get(name)
        return found[-1].replace("\r\n", "\n") if found else default

    def texts(self, name: str) -> tuple[str, ...]:
        """Return all values of a name."""
        return tuple(self.values.get(name, ()))

    def number(self, name: str, default: int, *, least: int = 0, most: int = 1 << 53) -> int:
        """
        Return a whole number; the default where there is none.

        Raises:
            InvalidRequest: It is no number, or out of bounds.
        """
        text = self.text(name)
        if not text:
            return default
        try:
            number = int(text)
        except ValueError:
            raise InvalidRequest(f"{name} is a whole number, not {text[:50]!r}") from None
        if not least <= number <= most:
            raise InvalidRequest(f"{name} is from {least} to {most}, not {number}")
        return number

    def is_on(self, name: str) -> bool:
        """Return whether a box is ticked."""
        return self.text(name) not in {"", "0", "false"}


@frozen(kw_only=True)
class Visit:
    """
    A request that has found its page; whoever asks may have it, and a form has brought its token.

    Attributes:
        desk: The engine and what the server knows of it: its ``finder`` searches, its ``polls`` are those of workers.
        user: Who asks.
        path: The named segments of the path.
        query: The parameters of the address.
        form: The fields of the form, of a POST.
        address: The path and the parameters, as a link.
        peer: The network address that it comes from; empty where nobody knows.
        is_swap: htmx asks, to put the answer into a page that is there.
        told: For the audit: what was changed, where the page's row does not say all of it.
    """

    desk: Desk
    user: Visitor
    path: Mapping[str, str]
    query: Fields
    form: Fields = Fields({})
    address: str = "/"
    peer: str = ""
    is_swap: bool = False
    told: list[ReportedChange] = field(factory=list)

    def tell(self, verb: str, kind: str, name: str = "", *, run_id: str | None = None, result: str = OK) -> None:
        """
        Tell the audit of a change, in place of what the page's row would say; never of what was said in it.

        Args:
            verb: Such as ``terminate``.
            kind: What it was done to, such as ``run`` or ``secret``.
            name: The name of that.
            run_id: The run, if it is about one.
            result: ``OK``, or the name of the error that refused it.
        """
        self.told.append(ReportedChange(verb, kind, name, run_id, result))

    @property
    def client(self) -> Client:
        """The client; its verbs block, as handlers may."""
        return self.desk.client

    def run(self, run_id: str) -> WorkflowRun:
        """
        Return a run with its attempts, to be shown.

        Raises:
            RunNotFound: No run has this id.
        """
        return self.desk.shelf.run(run_id)

    @property
    def now(self) -> int:
        """The time, in epoch milliseconds."""
        return self.desk.engine.clock.now()
