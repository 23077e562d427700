"""Why a run that was just read stands where it stands, without reading it again."""

from __future__ import annotations

from podium.client.engine import EmbeddedEngine
from podium.client.explaining import Explainer
from podium.model.explanations import Explanation, explanation
from podium.model.runs import WorkflowRun
from podium.model.waits import waits_of


def explained(engine: EmbeddedEngine, run: WorkflowRun) -> Explanation:
    """Return why a run, which has its attempts, stands where it stands; of what somebody must do it names the task."""
    explainer = Explainer(engine)
    outlook = explainer.outlook(lambda _run, _ref: "see its page")
    return explanation(run, tuple(waits_of(run, outlook)), engine.reader.run, explainer.lacks)
