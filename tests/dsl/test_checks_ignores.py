"""Comments in Python that take problems away."""

from __future__ import annotations

import linecache
from pathlib import Path
from typing import Any

from podium.dsl import Workflow
from podium.model.problems import Problem

_HEAD = """\
from podium import *

@task
def book(city: str) -> str: ...

"""


def _checked(tmp_path: Path, body: str, name: str = "w", **options: Any) -> list[Problem]:
    """Check a workflow of a file with this body behind two imports and a task; line 1 of the body is line 6."""
    file = tmp_path / "flows.py"
    file.write_text(_HEAD + body)
    linecache.checkcache(str(file))
    names: dict[str, Any] = {"__name__": "flows"}
    exec(compile(file.read_text(), str(file), "exec"), names)
    found: Workflow[..., Any] = names[name]
    return found.check(**options)


def _shown(problems: list[Problem]) -> list[str]:
    return [f"{problem.code} {(problem.place or '').rpartition(':')[2]}" for problem in problems]


def test_a_comment_takes_a_problem_of_its_statement_away(tmp_path: Path) -> None:
    """One code or several; the statement may have several lines, a block's head is not its body."""
    loop = """\
@workflow
def w(city: str):
    with loop(
        "poll",
    ) as poll:{head}
        now = book(city){inner}
        poll.until(now.output == "DONE")
"""
    assert _shown(_checked(tmp_path, loop.format(head="", inner=""))) == ["L1 8"]
    assert _checked(tmp_path, loop.format(head="  # podium: ignore[L1]", inner="")) == []
    assert _checked(tmp_path, loop.format(head="  # because: podium: ignore[L1]", inner="")) != []
    assert _checked(tmp_path, loop.format(head="  # it ends  # podium:ignore[l1]", inner="")) == []
    several = _checked(tmp_path, loop.format(head="  # podium: ignore[N1, L1]", inner=""))
    assert [each.code for each in several] == ["U1"]
    assert _shown(_checked(tmp_path, loop.format(head="", inner="  # podium: ignore[L1]"))) == ["L1 8", "U1 11"]


def test_a_comment_at_the_workflow_speaks_of_the_workflow(tmp_path: Path) -> None:
    """Its inputs belong to the decorator or the ``def``; what is inside is not meant."""
    for head in (
        "@workflow  # podium: ignore[I1]\ndef w(city: str):",
        "@workflow\ndef w(city: str):  # podium: ignore[I1]",
    ):
        assert _checked(tmp_path, f"{head}\n    book('Rome')\n") == []
    inner = "@workflow  # podium: ignore[N3]\ndef w():\n    book('Rome')\n    book('Oslo').as_('Book')\n"
    assert _shown(_checked(tmp_path, inner)) == ["N3 9", "U1 6"]


def test_a_comment_that_ignores_nothing_is_told(tmp_path: Path) -> None:
    """Anywhere in the function; a code that is none is told as such; text that only looks so is not a comment."""
    unused = _checked(tmp_path, "@workflow\ndef w():\n    # podium: ignore[D1]\n    book('Rome')\n")
    unknown = _checked(tmp_path, "@workflow\ndef w():\n    book('Rome')  # podium: ignore[X9]\n")
    text = _checked(tmp_path, "@workflow\ndef w():\n    book('# podium: ignore[D1]')\n")
    other = "def helper():\n    pass  # podium: ignore[D1]\n@workflow\ndef w():\n    book('Rome')\n"

    assert [str(each).partition(": ")[2] for each in unused] == [
        "U1 warning: the comment ignores D1, and nothing here is one; take it out"
    ]
    assert "there is no such code" in unknown[0].message
    assert text == []
    assert _checked(tmp_path, other) == []


def test_a_comment_without_a_code_ignores_nothing_and_is_told(tmp_path: Path) -> None:
    """As other checkers have it for "everything"; here it would hide mistakes that nobody has seen yet."""
    for comment in ("ignore", "ignore[]", "ignore [ , ]", "ignore: later"):
        found = _checked(tmp_path, f"@workflow\ndef w(city: str):  # podium: {comment}\n    book('Rome')\n")

        assert [each.code for each in found] == ["I1", "U1"], comment
        assert found[1].message == "the comment names no code, so it ignores nothing"
    wrong = _checked(tmp_path, "@workflow\ndef w():\n    book('Rome')  # podium: ignore[L-1]\n")
    assert "ignores L-1, and there is no such code" in wrong[0].message


def test_an_unused_comment_may_be_ignored_itself(tmp_path: Path) -> None:
    """For code that is shared between versions."""
    assert _checked(tmp_path, "@workflow\ndef w():\n    book('Rome')  # podium: ignore[D1, U1]\n") == []


def test_a_comment_for_what_this_check_could_not_see_is_let_be(tmp_path: Path) -> None:
    """Without task definitions nothing is said of T1, without the called workflow nothing of R3."""
    body = """\
@workflow
def w():
    raw({"name": "x", "taskReferenceName": "x"})  # podium: ignore[T1]
    sub_workflow("child", "elsewhere")  # podium: ignore[R3]
"""
    assert _checked(tmp_path, body) == []
    assert _checked(tmp_path, body, tasks=[]) == []


def test_workflows_written_as_values_have_comments_too(tmp_path: Path) -> None:
    """Only at their own steps: other lines of the file may belong to others."""
    body = """\
w = Workflow("w", inputs=["city"])  # podium: ignore[I1]
with w:
    book("Rome")
    book("Oslo").as_("Book")  # podium: ignore[N3]
    # podium: ignore[D1]
"""
    assert _checked(tmp_path, body) == []
    assert _shown(_checked(tmp_path, body.replace("N3", "D1"))) == ["N3 9", "U1 9"]


def test_a_mistake_that_keeps_the_workflow_from_being_built_is_not_ignored(tmp_path: Path) -> None:
    """There is no graph to look at."""
    body = "@workflow\ndef w(city: str):\n    bool(city)  # podium: ignore[P1]\n"

    assert _shown(_checked(tmp_path, body)) == ["P1 8"]


def test_code_without_a_file_has_no_comments() -> None:
    """Nothing can be read of it, so nothing is ignored and nothing breaks."""
    names: dict[str, Any] = {"__name__": "nowhere"}
    exec(_HEAD + "@workflow\ndef w(city: str):  # podium: ignore[I1]\n    book('Rome')\n", names)

    assert [each.code for each in names["w"].check()] == ["I1"]
