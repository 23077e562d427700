"""Whether a case goes as on the official server, and if not, why."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import field, frozen

from podium.testing.oracle.comparison import Difference, compare
from podium.testing.oracle.player import play
from podium.testing.oracle.recording import Answer, Case
from podium.testing.oracle.restaging import RESTAGINGS
from podium.testing.oracle.rules import RULES
from podium.testing.oracle.scene import Scene
from podium.testing.oracle.staging import Staging

#: How often a case is played again; each time something more is staged as on the server.
_STAGINGS_MAX = 40

#: Fields whose values are carried from one place to another: outputs become inputs, and the outputs of others.
_CARRYING = frozenset({"input", "output", "variables", "inputData", "outputData"})


@frozen
class Verdict:
    """
    What is to be said of one case.

    Attributes:
        case: The case.
        rules: The ids of the rules that explain its differences; empty for equal ones.
        unexplained: The differences that no rule explains.
    """

    case: Case
    rules: frozenset[str] = frozenset()
    unexplained: Sequence[Difference] = field(factory=tuple)

    @property
    def is_equal(self) -> bool:
        """Whether nothing differs."""
        return not self.rules and not self.unexplained


def judge(case: Case) -> Verdict:
    """
    Play a case and compare it with each of its answers.

    Returns:
        The best verdict: any of the answers is right.
    """
    verdicts = (_against(case, theirs) for theirs in case.answers)
    return min(verdicts, key=lambda verdict: (len(verdict.unexplained), len(verdict.rules)))


def _against(case: Case, theirs: Answer) -> Verdict:
    staging, used = Staging(), set[str]()
    for _ in range(_STAGINGS_MAX):
        ours = play(case, staging)
        scene = Scene(case.case, theirs, ours)
        found = compare(theirs, ours)
        for restaging in RESTAGINGS:
            changed = restaging.change(found, scene, staging)
            if changed is not None:
                staging = changed
                used.add(restaging.id)
                break
        else:
            break
    left = []
    explained: dict[str, str] = {}
    for difference in found:
        rule = next((rule.id for rule in RULES if rule.explains(difference, scene)), None)
        if rule is None:
            left.append(difference)
        else:
            used.add(rule)
            explained.setdefault(_values(difference), rule)
    return Verdict(case, frozenset(used), [d for d in left if not (_carries(d) and _values(d) in explained)])


def _values(difference: Difference) -> str:
    return repr((difference.theirs, difference.ours))


def _carries(difference: Difference) -> bool:
    return not _CARRYING.isdisjoint(difference.place[:3])
