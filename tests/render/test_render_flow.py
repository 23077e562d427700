"""Which node leads to which, in pictures of definitions."""

from __future__ import annotations

from render_samples import definition, nesting, polling, shipping, spreading, task, telling

from podium.model.definitions import SubWorkflowParams, WorkflowDef
from podium.render.flow import draw_definition
from podium.render.picture import EdgeKind, NodeKind, Picture


def edges(picture: Picture) -> set[tuple[str, str, str]]:
    """Return all lines as (from, to, label)."""
    return {(picture.node(e.source).key, picture.node(e.target).key, e.label) for e in picture.edges}


def test_switch_leads_to_each_case_and_on() -> None:
    """Each case has its label, the default is dashed, a case without tasks leads straight to what follows."""
    picture = draw_definition(shipping())

    assert {
        ("start", "reserve", ""),
        ("reserve", "shipping", ""),
        ("shipping", "quote_express", "EXPRESS"),
        ("shipping", "shipping_merge", "PICKUP"),
        ("shipping", "refuse", "NEVER"),
        ("shipping", "quote_post", "otherwise"),
        ("quote_express", "shipping_merge", ""),
        ("quote_post", "shipping_merge", ""),
        ("refuse", "end", ""),
        ("shipping_merge", "end", ""),
    } == edges(picture)
    assert [e.label for e in picture.edges if e.dashed] == ["otherwise"]


def test_empty_default_is_drawn_too() -> None:
    """A switch without a default goes on where no case fits, and the picture says so."""
    flow = definition(task("s", "SWITCH", decision_cases={"A": (task("a"),)}), task("b"))

    picture = draw_definition(flow)

    assert ("s", "b", "otherwise") in edges(picture)


def test_cases_that_lead_to_one_place_share_a_line() -> None:
    """Between two nodes is one line of a kind; it carries all labels and is not dashed unless it is only a default."""
    picture = draw_definition(definition(task("s", "SWITCH", decision_cases={"A": (), "B": ()}), task("b")))

    (line,) = [edge for edge in picture.edges if edge.source == "n_s"]
    assert line.cases == ("A", "B")
    assert line.otherwise
    assert not line.dashed
    assert line.label == "A | B | otherwise"


def test_join_takes_only_what_it_names() -> None:
    """A branch that the join does not name gets a dashed line, because nobody waits for it."""
    picture = draw_definition(telling())

    into_join = {picture.node(e.source).key: e for e in picture.edges if e.target == "n_tell_join"}
    assert {"mail", "audit", "sms"} == set(into_join)
    assert {"sms"} == {key for key, edge in into_join.items() if edge.kind is EdgeKind.UNJOINED}
    assert into_join["sms"].dashed


def test_join_that_names_the_middle_of_a_branch() -> None:
    """The line goes from the named task; the branch's end is not joined."""
    fork = task("f", "FORK_JOIN", fork_tasks=((task("a"), task("b")),))

    picture = draw_definition(definition(fork, task("j", "JOIN", join_on=("a",))))

    assert {("a", "j", ""), ("b", "j", "not joined")} <= edges(picture)


def test_join_that_names_a_switch_takes_all_its_ends() -> None:
    """A branch that ends with a switch is over when any case is over."""
    switch = task("s", "SWITCH", decision_cases={"A": (task("a"),)}, default_case=(task("b"),))
    fork = task("f", "FORK_JOIN", fork_tasks=((switch,), (task("c"),)))

    picture = draw_definition(definition(fork, task("j", "JOIN", join_on=("s", "c"))))

    assert {("a", "j", ""), ("b", "j", ""), ("c", "j", "")} <= edges(picture)


def test_later_join_takes_what_the_first_left() -> None:
    """Two joins may share the branches of one fork."""
    fork = task("f", "FORK_JOIN", fork_tasks=((task("a"),), (task("b"),)))
    flow = definition(fork, task("j", "JOIN", join_on=("a",)), task("x"), task("k", "JOIN", join_on=("b",)))

    picture = draw_definition(flow)

    assert {("a", "j", ""), ("b", "k", ""), ("x", "k", "")} <= edges(picture)
    assert not [edge for edge in picture.edges if edge.kind is EdgeKind.UNJOINED]


def test_join_that_waits_for_nothing_starts_with_the_fork() -> None:
    """A join without names is reached from the fork itself."""
    fork = task("f", "FORK_JOIN", fork_tasks=((task("a"),),))

    picture = draw_definition(definition(fork, task("j", "JOIN")))

    assert {("f", "j", ""), ("a", "j", "not joined")} <= edges(picture)


def test_fork_without_join_still_reaches_the_end() -> None:
    """Ends of branches that only an earlier or no join names lead to the end, dashed."""
    early = task("j", "JOIN", join_on=("a",))
    fork = task("f", "FORK_JOIN", fork_tasks=((task("a"),), ()))

    picture = draw_definition(definition(early, fork))

    assert ("a", "end", "not joined") in edges(picture)


def test_loop_is_a_box_with_a_way_back() -> None:
    """The loop's own node follows its body; the way back leads to the body's first task."""
    picture = draw_definition(polling())

    (box,) = picture.containers
    back = [edge for edge in picture.edges if edge.kind is EdgeKind.BACK]
    assert {"c_poll"} == {picture.node(name).container for name in ("n_track", "n_poll_gap", "n_poll")}
    assert [(edge.source, edge.target) for edge in back] == [("n_poll", "n_track")]
    assert {("start", "track", ""), ("poll_gap", "poll", ""), ("poll", "approve", "")} <= edges(picture)
    assert box.title == "poll: until $.track['state'] == \"DONE\" || $.poll['iteration'] >= 30"
    assert picture.node("n_poll").iteration_limit == 30


def test_empty_loop_leads_to_itself() -> None:
    """A loop without a body is still drawn."""
    picture = draw_definition(definition(task("l", "DO_WHILE"), task("a")))

    assert {("start", "l", ""), ("l", "l", "again"), ("l", "a", ""), ("a", "end", "")} == edges(picture)


def test_sub_workflow_is_closed_unless_asked() -> None:
    """Without ``expand`` a sub-workflow is one node."""
    picture = draw_definition(nesting())

    assert [node.kind for node in picture.nodes] == [
        NodeKind.START,
        NodeKind.SUB_WORKFLOW,
        NodeKind.WORKER,
        NodeKind.END,
    ]


def test_expanded_sub_workflow_has_ends_of_its_own() -> None:
    """A TERMINATE inside ends the sub-workflow only; equal reference names inside and outside do not meet."""
    picture = draw_definition(nesting(), expand=1)

    assert {
        ("start", "pack", ""),
        ("pack", "pack/pack", ""),
        ("pack/pack", "pack/stop", ""),
        ("pack/stop", "pack/end", ""),
        ("post", "end", ""),
    } <= edges(picture)
    assert {"n_pack", "n_pack_Z_pack", "n_pack_Z_stop", "leave_pack"} <= {node.id for node in picture.nodes}


def test_levels_of_expansion() -> None:
    """``expand`` counts levels."""
    inner = definition(task("x", "SUB_WORKFLOW", sub_workflow_param=_inline(definition(task("y")))))
    flow = definition(task("w", "SUB_WORKFLOW", sub_workflow_param=_inline(inner)))

    sizes = [len(draw_definition(flow, expand=depth).containers) for depth in (0, 1, 2, 9)]

    assert sizes == [0, 1, 2, 2]


def _inline(child: WorkflowDef) -> SubWorkflowParams:
    return SubWorkflowParams(name="child", workflow_definition=child)


def test_tasks_after_a_termination_are_drawn_unreached() -> None:
    """Nothing leads to them, which is the truth, and they are not left out."""
    picture = draw_definition(definition(task("stop", "TERMINATE"), task("never")))

    assert {("start", "stop", ""), ("stop", "end", ""), ("never", "end", "")} == edges(picture)


def test_dynamic_fork_is_one_node_before_it_runs() -> None:
    """Its branches are not known; the join follows it."""
    assert ("encode_all", "encode_all_join", "") in edges(draw_definition(spreading()))


def test_ids_are_stable_when_a_task_is_inserted() -> None:
    """Inserting a task changes no other id."""
    before = {node.id for node in draw_definition(definition(task("a"), task("b c"))).nodes}
    after = {node.id for node in draw_definition(definition(task("a"), task("new"), task("b c"))).nodes}

    assert {"n_new"} == after - before
    assert set() == before - after


def test_repeated_and_missing_names_get_ids_of_their_own() -> None:
    """A wrong definition is drawn so that its author sees what is wrong."""
    flow = definition(task("a"), task("a"), task(""), task("", "SWITCH"), task("flow_end"))

    ids = [node.id for node in draw_definition(flow).nodes]

    assert ids == ["flow_start", "n_a", "n_a_Z2", "n_", "n__Z2", "n_flow_end", "flow_end"]


def test_tasks_keep_their_keys_when_they_are_called_start() -> None:
    """The ends make way for tasks that have their names."""
    picture = draw_definition(definition(task("start"), task("end")))

    assert [node.key for node in picture.nodes] == ["start_Z2", "start", "end", "end_Z2"]


def test_empty_definition() -> None:
    """A definition without tasks leads from start to end."""
    assert {("start", "end", "")} == edges(draw_definition(definition()))
