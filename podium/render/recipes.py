"""
Questions about workflows and runs that a drawing does not answer, each a few lines over `podium.render.graph`.

The recipes are meant to be used, and to be read: what they do with ``networkx`` is what your own questions will do.

Example:
    >>> from podium import load
    >>> def step(name): return {"name": name, "taskReferenceName": name}
    >>> flow = load({"name": "flow", "tasks": [step("fetch"), step("parse"), step("store")]})
    >>> dominators(flow, "store")
    ['fetch', 'parse']
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from podium.model.errors import NotFound
from podium.model.runs import WorkflowRun
from podium.model.statuses import TaskStatus
from podium.render import graph
from podium.render.picture import EdgeKind, NodeKind

if TYPE_CHECKING:
    import networkx as nx


def critical_path(run: WorkflowRun) -> dict[str, int]:
    """
    Return the chain of steps that the run's length is made of: had one been quicker, so had the run.

    It is found backwards from the step that ended last, each time going to the step before it that ended last, which
    is the one it had to wait for. A loop is one step, and so is a sub-workflow. Of a run that has not ended it is the
    chain that leads to the step it waits for.

    Returns:
        Step to the milliseconds that it added, waiting for a worker included, in the order of the run; the sum is the
        time from the run's start to the last step's end. The step that a live run waits for adds 0. Empty for a run
        that has done nothing.

    Example:
        >>> from podium import load
        >>> from podium.model.runs import TaskRun
        >>> from podium.model.statuses import RunStatus, TaskStatus
        >>> def step(name): return {"name": name, "taskReferenceName": name}
        >>> def ran(name, begin, end): return TaskRun(
        ...     task_type=name, reference_task_name=name, status=TaskStatus.COMPLETED,
        ...     scheduled_time=begin, start_time=begin, end_time=end)
        >>> fork = {"name": "both", "taskReferenceName": "both", "type": "FORK_JOIN",
        ...         "forkTasks": [[step("slow")], [step("quick")]]}
        >>> joined = {"name": "joined", "taskReferenceName": "joined", "type": "JOIN", "joinOn": ["slow", "quick"]}
        >>> flow = load({"name": "flow", "tasks": [fork, joined, step("last")]}).definition
        >>> run = WorkflowRun(status=RunStatus.COMPLETED, create_time=1_000, workflow_definition=flow, tasks=(
        ...     ran("both", 1_000, 1_000), ran("slow", 1_000, 4_000), ran("quick", 1_000, 2_000),
        ...     ran("joined", 1_000, 4_010), ran("last", 4_010, 5_000)))
        >>> critical_path(run)
        {'both': 0, 'slow': 3000, 'joined': 10, 'last': 990}
    """
    flow = _walked(run)
    steps = [key for key, data in flow.nodes(data=True) if _took_part(data)]
    if not steps:
        return {}
    place = {key: number for number, key in enumerate(flow)}

    def end_of(key: str) -> tuple[float, int]:
        return flow.nodes[key]["ended_ms"] or float("inf"), place[key]

    chain = [max(steps, key=end_of)]
    while before := [key for key in flow.predecessors(chain[-1]) if key in steps and key not in chain]:
        chain.append(max(before, key=end_of))
    added: dict[str, int] = {}
    last = run.create_time or min(flow.nodes[key]["scheduled_ms"] or flow.nodes[key]["ended_ms"] for key in chain)
    for key in reversed(chain):
        end = flow.nodes[key]["ended_ms"] or last
        added[key] = max(0, end - last)
        last = max(last, end)
    return added


def _took_part(data: dict[str, Any]) -> bool:
    """Return whether a step was there, and did not only wait for what failed the run."""
    is_left = data["kind"] == NodeKind.JOIN and data["status"] == TaskStatus.CANCELED
    return bool(data["scheduled_ms"] or data["ended_ms"]) and not is_left


def _walked(run: WorkflowRun) -> nx.DiGraph[str]:
    """Return the graph of the ways that a run took, with each loop as one node and without ways back."""
    import networkx as nx

    whole = graph(run)
    outer = {key: _outermost_loop(whole, key) for key in whole}
    flow: nx.DiGraph[str] = nx.DiGraph()
    flow.add_nodes_from((key, whole.nodes[key]) for key in whole if outer[key] == key)
    for source, target, data in whole.edges(data=True):
        is_forward = EdgeKind.BACK.value not in data["kinds"] or len(data["kinds"]) > 1
        if data["taken"] and is_forward and outer[source] != outer[target]:
            flow.add_edge(outer[source], outer[target])
    return flow


def _outermost_loop(whole: nx.DiGraph[str], key: str) -> str:
    """Return the loop around a node that is in no other, or the node itself."""
    found, around = key, whole.nodes[key]["container"]
    while around is not None:
        if whole.nodes[around]["kind"] == NodeKind.LOOP:
            found = around
        around = whole.nodes[around]["container"]
    return found


def longest_waits(run: WorkflowRun, limit: int = 10) -> dict[str, int]:
    """
    Return the steps that waited longest for a worker, or for their turn: where more workers would help.

    Args:
        run: The run.
        limit: Most steps to give.

    Returns:
        Step to milliseconds over all its attempts and iterations, the longest first; steps that never waited are left
        out.

    Example:
        >>> from podium.model.runs import TaskRun
        >>> from podium.model.statuses import RunStatus, TaskStatus
        >>> def ran(name, created, begin): return TaskRun(
        ...     task_type=name, reference_task_name=name, status=TaskStatus.COMPLETED,
        ...     scheduled_time=created, start_time=begin, end_time=9_000)
        >>> tasks = (ran("a", 1_000, 1_200), ran("b", 2_000, 7_000))
        >>> longest_waits(WorkflowRun(status=RunStatus.COMPLETED, tasks=tasks))
        {'b': 5000, 'a': 200}
    """
    waits = [(key, data["wait_ms"]) for key, data in graph(run).nodes(data=True) if data["wait_ms"]]
    return dict(sorted(waits, key=lambda wait: -wait[1])[:limit])


def dominators(workflow: object, step: str) -> list[str]:
    """
    Return the steps that every way to a step goes through: those that it can rely on, whatever a switch decides.

    The branches of a fork all run before its join, yet a way leads through one of them only, so none of them counts.

    Args:
        workflow: A workflow, a definition or a run.
        step: A key of its graph, such as a reference name.

    Returns:
        The steps in the order of the flow, without the step itself.

    Raises:
        NotFound: The workflow has no such step, or no way leads to it.

    Example:
        >>> from podium import load
        >>> def step(name): return {"name": name, "taskReferenceName": name}
        >>> speed = {"name": "speed", "taskReferenceName": "speed", "type": "SWITCH", "evaluatorType": "value-param",
        ...     "expression": "x", "inputParameters": {"x": "${workflow.input.x}"},
        ...     "decisionCases": {"FAST": [step("fly")]}, "defaultCase": [step("walk")]}
        >>> dominators(load({"name": "trip", "tasks": [step("pack"), speed, step("arrive")]}), "arrive")
        ['pack', 'speed']
    """
    import networkx as nx

    flow = graph(workflow)
    start = flow.graph["start"]
    above = nx.immediate_dominators(flow, start)
    if step != start and step not in above:
        raise NotFound(f"no way through the workflow leads to a step {step!r}")
    found: list[str] = []
    while step != start and (step := above[step]) != start:
        found.append(step)
    return found[::-1]


def shared_tasks(first: object, second: object) -> list[str]:
    """
    Return the tasks that two workflows both leave to workers: whose workers both depend on.

    Returns:
        Names of task definitions, each once, in the order of the first workflow.

    Example:
        >>> from podium import load
        >>> def flow(*names): return load({"name": "flow", "tasks": [
        ...     {"name": name, "taskReferenceName": f"{name}_ref"} for name in names]})
        >>> shared_tasks(flow("fetch", "charge", "mail"), flow("mail", "charge"))
        ['charge', 'mail']
    """
    one, other = _worker_tasks(first), _worker_tasks(second)
    return [name for name in one if name in other]


def _worker_tasks(workflow: object) -> dict[str, None]:
    nodes: Any = graph(workflow, expand=True).nodes(data=True)
    return {data["name"]: None for _, data in nodes if data["kind"] == NodeKind.WORKER}


def callers(calls: nx.DiGraph[str], name: str) -> dict[str, int]:
    """
    Return the workflows that may run another one, directly or through others: what to test before it is changed.

    Args:
        calls: What `podium.render.estate.estate` gave.
        name: The workflow that is called.

    Returns:
        Workflow to the number of calls between the two, 1 for one that calls it itself; the nearest first, then by
        name. A workflow that can run itself is its own caller.

    Raises:
        NotFound: No workflow of this name is known or called.

    Example:
        >>> from podium import load
        >>> from podium.render.estate import estate
        >>> def flow(name, *called): return load({"name": name, "tasks": [
        ...     {"name": child, "taskReferenceName": child, "type": "SUB_WORKFLOW", "subWorkflowParam": {"name": child}}
        ...     for child in called]})
        >>> callers(estate([flow("shop", "order"), flow("order", "charge"), flow("refund", "charge")]), "charge")
        {'order': 1, 'refund': 1, 'shop': 2}
    """
    import networkx as nx

    if name not in calls:
        raise NotFound(f"no workflow {name!r} is known or called")
    distances: dict[str, int] = {}
    for direct in calls.predecessors(name):
        for caller, steps in nx.single_source_shortest_path_length(calls.reverse(copy=False), direct).items():
            distances[caller] = min(distances.get(caller, steps + 1), steps + 1)
    return dict(sorted(distances.items(), key=lambda item: (item[1], item[0])))
