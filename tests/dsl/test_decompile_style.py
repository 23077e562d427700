"""The style of generated source: what is written in it comes back letter for letter."""

from __future__ import annotations

import textwrap

import pytest
from decompile_calls import last_workflow, run_source

from podium import WorkflowDef, WorkflowTask
from podium.decompile.packages import to_package
from podium.model.definitions import SubWorkflowParams

HEAD = "from __future__ import annotations\n\n"
SOURCES = {
    "a switch with cases, otherwise and merge": """
        from typing import Any

        from podium import switch, task, workflow


        @task
        def quote_express(order_id: Any) -> Any:
            raise NotImplementedError


        @task
        def quote_post(order_id: Any) -> Any:
            raise NotImplementedError


        @workflow
        def order(order_id: Any, speed: Any) -> Any:
            with switch("shipping", speed) as shipping:
                with shipping.case("EXPRESS"):
                    express = quote_express(order_id=order_id)
                with shipping.otherwise():
                    post = quote_post(order_id=order_id)
            shipping_merge = shipping.merge(express, post)
            return {"carrier": shipping_merge.output.carrier}
    """,
    "cases of several labels, of booleans, and one that is empty": """
        from typing import Any

        from podium import noop, switch, workflow


        @workflow
        def order(country: Any, is_paid: Any) -> None:
            with switch("region", country) as region:
                with region.case("FR", "DE"):
                    noop("near")
                with region.case("US"):
                    pass
            with switch("paid", is_paid, input_name="flag") as paid:
                with paid.case(True):
                    noop("yes")
                with paid.case(False):
                    noop("no")
    """,
    "defaults whose types builders take, and do not take": """
        from typing import Any

        from podium import noop, runs, wait, workflow


        @workflow
        def look(run: Any = 2) -> None:
            runs.get("found", id=run)


        @workflow
        def order(run: Any = 2, text: str = "5 minutes", count: int = 3) -> Any:
            runs.get("found", id=run)
            wait("rest", duration=text)
            noop("ready")
            look.inline(run="r1")
            return {"count": count}
    """,
    "conditions": """
        from typing import Any

        from podium import contains, inline, is_in, noop, switch, terminate, when, workflow


        @workflow
        def order(price: Any, kind: Any, tags: Any) -> Any:
            with when("dear", (price > 100) & ~is_in(kind, ["GIFT", "VIP"])) as dear:
                noop("ask")
            with dear.otherwise():
                noop("go_on")
            with switch("early", contains(tags, "early") | (price * 2 - 1 <= -5)) as early:
                with early.case(True):
                    terminate("stop", "COMPLETED", "too early", output={"price": price})
                with early.case(False):
                    noop("late")
            total = inline("total", price // 2 + price % 3)
            return total.output
    """,
    "computations": """
        from typing import Any

        from podium import (
            floor,
            if_,
            inline,
            is_null,
            len_,
            lower,
            max_,
            noop,
            starts_with,
            switch,
            when,
            workflow,
        )


        @workflow
        def order(price: Any, kind: Any, tags: Any) -> None:
            with when("named", ~is_null(kind) & starts_with(lower(kind), "a")):
                noop("ask")
            with switch("size", if_(price > 1000, "large", "small")) as size:
                with size.case("large"):
                    noop("b")
                with size.otherwise():
                    noop("c")
            inline("count", max_(len_(tags), floor(price), 1) ** 2)
    """,
    "a loop with a limit, a condition, and what happened in it": """
        from typing import Any

        from podium import loop, task, wait, workflow


        @task
        def track(order_id: Any, attempt: Any) -> Any:
            raise NotImplementedError


        @workflow
        def follow(order_id: Any) -> Any:
            with loop("poll", max_iterations=30, keep_last=5) as poll:
                tracked = track(order_id=order_id, attempt=poll.iteration)
                wait("gap", duration="10 seconds")
                poll.until(tracked.output.state == "DONE")
            return {
                "state": tracked.output.state,
                "times": poll.iteration,
                "second": poll.output["2"].track.state,
            }
    """,
    "loops over lists, with scripts, and while something holds": """
        from typing import Any

        from podium import for_each, js, loop, noop, set_variable, workflow


        @workflow
        def visit(cities: Any, is_on: Any) -> None:
            with for_each("each_city", cities) as each_city:
                set_variable("note", city=each_city.item, place=each_city.index)
            with for_each("each_letter", ["a", "b"], max_iterations=1):
                noop("one")
            with loop("again", while_=js("$.go == true", go=is_on)):
                noop("two")
            with loop("more", while_=is_on):
                noop("three")
    """,
    "forks with joins of all kinds": """
        from typing import Any

        from podium import exclusive_join, fork, join, noop, task, workflow


        @task
        def book(city: str) -> Any:
            raise NotImplementedError


        @workflow
        def prepare() -> Any:
            with fork("one") as one:
                with one.branch():
                    rome = book.as_("rome")(city="Rome")
                with one.branch():
                    book.as_("oslo")(city="Oslo")
            with fork("two", join="both") as two:
                with two.branch():
                    noop("a")
                with two.branch():
                    noop("b")
            with fork("three", join=join("some", ["c"]).opts(optional=True)) as three:
                with three.branch():
                    c = noop("c")
                with three.branch():
                    d = noop("d")
            with fork("four", join=False) as four, four.branch():
                e = noop("e")
            noop("between")
            join("late", [c, e])
            exclusive_join("first", [c, d], default=[e])
            return {"rome": rome.output, "oslo": one.output["oslo"].id, "b": two.output["b"]}
    """,
    "one task for each item": """
        from typing import Any

        from podium import fan_out, join, task, workflow


        @task
        def encode(**more: Any) -> Any:
            raise NotImplementedError


        @task
        def publish(parts: Any) -> Any:
            raise NotImplementedError


        @workflow
        def media(profiles: Any) -> None:
            encode_all = fan_out("encode_all", encode, profiles)
            publish(parts=encode_all.output)
            fan_out("again", encode, [{"rate": 1}], join=join("gather").opts(optional=True))
    """,
    "steps of all kinds": """
        from typing import Any

        from podium import (
            dynamic,
            env,
            event,
            http,
            human,
            inline,
            jq,
            kafka,
            legacy,
            noop,
            pull_messages,
            ref,
            secret,
            set_variable,
            start_workflow,
            sub_workflow,
            system_task,
            task,
            terminate,
            variable,
            wait,
            workflow,
        )


        @task
        def w(self: Any) -> Any:
            raise NotImplementedError


        @workflow
        def steps(city: Any, day: Any) -> None:
            wait("until_then", until="2030-12-24 18:00 UTC")
            wait("news")
            asked = human("ask", city=city)
            weather = http(
                "weather",
                f"https://example.com/{city}",
                method="POST",
                headers={"Authorization": secret("KEY"), "Region": env("REGION")},
                body={"day": day, "note": asked.output.note},
                read_timeout="5s",
            )
            inline("shout", "$.city.repeat(2)", city=city)
            inline("count", "return 1", evaluator="python")
            jq("first", ".days[0]", days=weather.output.body, code=weather.output.status_code)
            set_variable("note", stage="BOOKING")
            noop("nothing").opts(description="Waits for nobody.")
            dynamic("any", variable("task"), city=city)
            system_task("query", "JDBC", statement="select 1", **{"my-key": city})
            event("announce", "conductor", city=city)
            kafka("publish", servers="localhost:9092", topic="trips", value={"city": city})
            pull_messages("inbox", batch_size=10)
            sub_workflow("child", "other", 2, city=city)
            sub_workflow("newest", "other", city=city)
            start_workflow("started", "other", 1, correlation_id=day, city=city)
            legacy.lambda_("old", "1", id=ref("workflow.workflowId"))
            w.as_("one")(self=city)
            terminate("stop", "COMPLETED")
    """,
    "models, tools and agents": """
        from typing import Any

        from podium import agents, ai, legacy, mcp, vectors, workflow


        @workflow
        def answer(question: Any, server: Any) -> Any:
            searched = vectors.search(
                "search",
                database="pg",
                index="docs",
                provider="openai",
                model="small",
                query=question,
                max_results=3,
            )
            tools = mcp.list_tools("list_tools", server=server)
            reply = ai.chat(
                "reply",
                provider="openai",
                model="gpt-4o",
                messages=[ai.system(f"You know: {searched.output[0].text}"), ai.user(question)],
                temperature=0.2,
                json_output=True,
            )
            agents.call(
                "tell",
                url="http://localhost:9999",
                text=reply.output.result,
                poll_interval="5s",
                extra={"hops": 2},
            )
            agents.run("ask", prompt=question, agent="helper")
            parts = legacy.dynamic_fork("parts", reply.output.result)
            return {"parts": parts.output["one"].x, "tools": tools.output.tools}
    """,
    "settings, defaults, options and long texts": '''
        from typing import Any

        from podium import inline, task, workflow

        DEFAULT_SIZES: list[Any] = [1, 2]

        SCRIPT_EXPRESSION = """\\
        function f() {
          return "\\\\n";
        }
        f()"""


        @task
        def print_label(size: Any, text: str | None = None) -> Any:
            raise NotImplementedError


        @workflow(
            name="print",
            version=3,
            description=(
                "A long description, which does not fit into one line of the source and so "
                "stands in parentheses."
            ),
            owner="print@example.com",
            timeout="1h",
            failure_workflow="print_failed",
            variables={"stage": "NEW"},
            metadata={"team": "a"},
            listed_inputs=["sizes"],
        )
        def print_workflow(sizes: list[Any] = DEFAULT_SIZES, color: str = "red") -> Any:
            print_label(
                size=sizes[0],
                text=f"{color}: {sizes[1].name}",
            ).opts(optional=True, retries=2, start_delay="5s")
            print_label.as_("again")(size=1).opts(timeout="1m", timeout_policy="TIME_OUT_WF")
            script = inline("script", SCRIPT_EXPRESSION)
            return script.output
    ''',
    "workflows in workflows": """
        from typing import Any

        from podium import noop, workflow


        @workflow(listed_inputs=[])
        def child(city: Any) -> Any:
            noop("nothing")
            return city


        @workflow
        def parent(city: Any) -> Any:
            first = child.as_("first").inline(city=city)
            child.as_("second").inline(city="Rome")
            return {"city": first.output.result}
    """,
    "names that mean something else": """
        from typing import Any

        import podium
        from podium import task, wait, workflow


        @task(name="loop")
        def loop_task(city: Any) -> Any:
            raise NotImplementedError


        @workflow
        def steps(noop: Any, city: Any, charge: Any) -> None:
            podium.noop("x")
            loop_step = loop_task(city=city)
            wait("y", duration=f"{noop} {loop_step.output.result} {charge}")
    """,
}


@pytest.mark.parametrize("name", SOURCES)
def test_what_is_written_in_this_style_comes_back(name: str) -> None:
    """Decompiling the workflow of a source gives the source."""
    source = HEAD + textwrap.dedent(SOURCES[name]).strip() + "\n"

    assert last_workflow(run_source(source)).to_python() == source


def test_an_embedded_workflow_calls_one_of_another_module() -> None:
    """What a package finds for the workflow that embeds it is known to the embedded one too."""
    called = WorkflowDef(name="called", version=1, tasks=(_call_of("work"),))
    inner = WorkflowDef(
        name="inner", version=1, tasks=(_call_of("called", SubWorkflowParams(name="called", version=1)),)
    )
    embeds = SubWorkflowParams(name="inner", workflow_definition=inner)
    main = WorkflowDef(name="main", version=1, tasks=(_call_of("inner", embeds),))

    assert len(to_package([main, called]).parts) == 2


def _call_of(name: str, params: SubWorkflowParams | None = None) -> WorkflowTask:
    kind = "SIMPLE" if params is None else "SUB_WORKFLOW"
    return WorkflowTask(name=name, task_reference_name=f"{name}_ref", type=kind, sub_workflow_param=params)
