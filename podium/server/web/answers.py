"""What handlers of pages give."""

from __future__ import annotations

from typing import Any, TypeAlias

from attrs import frozen


@frozen
class View:
    """
    A template with what it shows.

    Attributes:
        template: Its name below ``templates``, such as ``runs/list.html``.
        it: What it shows, an object of the page's own; the template calls it ``it``.
        status: Of HTTP.
    """

    template: str
    it: Any = None
    status: int = 200


@frozen
class Redirect:
    """
    Another page to go to, as after each form.

    Attributes:
        to: Its path, with parameters.
        said: One sentence that the next page shows, of what was done.
        is_bad: The sentence tells of something that could not be done.
    """

    to: str
    said: str = ""
    is_bad: bool = False


@frozen
class Download:
    """
    A file.

    Attributes:
        content: Its bytes.
        name: What it is saved as.
        kind: Its content type.
    """

    content: bytes
    name: str
    kind: str = "application/json"


@frozen
class Signed:
    """
    A redirect that begins or ends a session.

    Attributes:
        token: The token that stands for who signed in; empty to end the session.
        to: The path of the next page.
    """

    token: str = ""
    to: str = "/"


Answer: TypeAlias = "View | Redirect | Download | Signed"
