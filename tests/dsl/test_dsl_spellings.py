"""Every construct can be spelt with blocks and with plain values; both give the same definition."""
# ruff: noqa: SIM117  # one block per line is how authors read a workflow

from __future__ import annotations

from collections.abc import Callable

from dsl_samples import Probe, audit, charge, encode, get_job, probe, quote_express, quote_post, send_mail

from podium.dsl import Workflow, fan_out, for_each, fork, join, loop, noop, switch, terminate, wait, when
from podium.model.definitions import WorkflowDef


def _built(write: Callable[[Workflow[..., object]], None]) -> WorkflowDef:
    wf = Workflow("w")
    with wf:
        write(wf)
    return wf.definition


def test_switch_spelt_as_a_block_and_as_values_is_equal() -> None:
    """A switch with cases, otherwise and merge is the same in both spellings."""

    def block(wf: Workflow[..., object]) -> None:
        speed = wf.input("speed")
        with switch("shipping", speed) as shipping:
            with shipping.case("EXPRESS"):
                fast = quote_express("1")
                audit(fast.output.carrier)
            with shipping.otherwise():
                slow = quote_post("1")
        shipping.merge(fast, slow)

    def values(wf: Workflow[..., object]) -> None:
        speed = wf.input("speed")
        fast, slow = quote_express("1"), quote_post("1")
        audited = audit(fast.output.carrier)
        shipping = switch("shipping", speed, {"EXPRESS": [fast, audited]}, otherwise=slow)
        shipping.merge(fast, slow)

    assert _built(block) == _built(values)


def test_when_spelt_as_a_block_and_as_values_is_equal() -> None:
    """A when with an otherwise is the same in both spellings."""

    def block(wf: Workflow[..., object]) -> None:
        with when("large", wf.input("amount") > 1000) as large:
            wait("cool_off", duration="14 days")
        with large.otherwise():
            noop("small")

    def values(wf: Workflow[..., object]) -> None:
        amount = wf.input("amount")
        when("large", amount > 1000, [wait("cool_off", duration="14 days")], otherwise=[noop("small")])

    assert _built(block) == _built(values)


def test_fork_spelt_as_a_block_and_as_values_is_equal() -> None:
    """A fork with two branches and its computed JOIN is the same in both spellings."""

    def block(_: Workflow[..., object]) -> None:
        with fork("tell") as tell:
            with tell.branch():
                send_mail("1")
            with tell.branch():
                paid = charge("1", amount=2.0)
                audit(paid.output.id)

    def values(_: Workflow[..., object]) -> None:
        mail, paid = send_mail("1"), charge("1", amount=2.0)
        fork("tell", [mail], [paid, audit(paid.output.id)])

    assert _built(block) == _built(values)
    assert _built(block).tasks[1].join_on == ("send_mail", "audit")


def test_fork_with_an_explicit_join_is_equal_to_the_named_one() -> None:
    """A JOIN of its own name can be given as an object or, with the computed list, as a name."""

    def named(_: Workflow[..., object]) -> None:
        with fork("tell", join="gather") as tell:
            with tell.branch():
                send_mail("1")
            with tell.branch():
                audit("x")

    def given(_: Workflow[..., object]) -> None:
        mail, checked = send_mail("1"), audit("x")
        fork("tell", [mail], [checked], join=join("gather", on=[mail, "audit"]))

    assert _built(named) == _built(given)


def test_loop_spelt_as_a_block_and_as_values_is_equal() -> None:
    """A loop with an end condition and a limit is the same in both spellings."""

    def block(_: Workflow[..., object]) -> None:
        with loop("poll", max_iterations=30) as poll:
            now = get_job("1")
            wait("poll_gap", duration="10 seconds")
            poll.until(now.output.state == "DONE")

    def values(_: Workflow[..., object]) -> None:
        now = get_job("1")
        gap = wait("poll_gap", duration="10 seconds")
        loop("poll", [now, gap], until=now.output.state == "DONE", max_iterations=30)

    assert _built(block) == _built(values)


def test_for_each_spelt_as_a_block_and_as_values_is_equal() -> None:
    """A loop over a list takes its body as a block or as a function of the loop."""

    def block(wf: Workflow[..., object]) -> None:
        found: Probe = wf.input("found", Probe)
        with for_each("each_profile", found.profiles) as each:
            encode(each.item.profile, rate=each.index)

    def values(wf: Workflow[..., object]) -> None:
        found: Probe = wf.input("found", Probe)
        for_each("each_profile", found.profiles, lambda each: [encode(each.item.profile, rate=each.index)])

    assert _built(block) == _built(values)
    assert _built(block).tasks[0].loop_over[0].input_parameters["profile"] == "${each_profile.output.loopItem.profile}"


def test_chain_with_arrows_is_equal_to_a_block() -> None:
    """``wf >> a >> [b, c] >> d`` is a block with a fork between the steps."""
    chained = Workflow("w", version=3)
    first, left, right, last = probe("u"), send_mail("1"), audit("x"), quote_post("1")
    chained >> first >> [left, right] >> last
    block = Workflow("w", version=3)
    with block:
        probe("u")
        with fork("send_mail_audit_fork") as both:
            with both.branch():
                send_mail("1")
            with both.branch():
                audit("x")
        quote_post("1")

    assert chained.definition == block.definition
    names = [task.task_reference_name for task in chained.definition.tasks]
    assert names == ["probe", "send_mail_audit_fork", "send_mail_audit_fork_join", "quote_post"]


def test_chain_takes_branches_of_several_steps_and_structures() -> None:
    """A list inside the list is a branch of several steps, and every structure can be chained."""
    wf = Workflow("w")
    paid, checked = charge("1", 2.0), audit("x")
    now = get_job("1")
    poll = loop("poll", [now], until=now.output.state == "DONE", max_iterations=3)

    (
        wf
        >> [[paid, checked], send_mail("1")]
        >> poll
        >> fan_out("all", encode, wf.input("items", list[dict[str, str]]))
        >> terminate(
            "end",
            "COMPLETED",
        )
    )

    types = [task.type for task in wf.definition.tasks]
    assert types == ["FORK_JOIN", "JOIN", "DO_WHILE", "FORK_JOIN_DYNAMIC", "JOIN", "TERMINATE"]
    assert wf.definition.tasks[1].join_on == ("audit", "send_mail")


def test_structures_nest_in_both_spellings() -> None:
    """A fork in a case in a loop, spelt inside out or outside in."""

    def block(wf: Workflow[..., object]) -> None:
        with loop("again", max_iterations=2):
            with switch("kind", wf.input("kind")) as kind:
                with kind.case("both"):
                    with fork("two") as two:
                        with two.branch():
                            send_mail("1")
                        with two.branch():
                            audit("x")

    def values(wf: Workflow[..., object]) -> None:
        chosen = wf.input("kind")
        mail, checked = send_mail("1"), audit("x")
        loop("again", [switch("kind", chosen, {"both": fork("two", mail, checked)})], max_iterations=2)

    assert _built(block) == _built(values)
