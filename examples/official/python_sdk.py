"""
Examples of the official Python SDK, and of its documentation.

Originals: examples/helloworld, examples/dynamic_workflow.py, examples/kitchensink.py and docs/SECRET_MANAGEMENT.md in
conductor-oss/python-sdk.
"""

from __future__ import annotations

from typing import Any

from podium import (
    Workflow,
    http,
    inline,
    jq,
    secret,
    set_variable,
    switch,
    task,
    terminate,
    wait,
    workflow,
)

SERVICE = "https://orkes-api-tester.orkesconductor.com/api"


@task
def greet(name: str) -> str:
    """Greet somebody."""
    return f"Hello {name}"


@workflow(timeout="1m")
def greetings(name: str) -> None:
    """Let a worker greet somebody."""
    greet.as_("greet_ref")(name)


@workflow
def secure_workflow() -> None:
    """Use a secret that is stored nowhere in the run."""
    headers = {"Authorization": f"Bearer {secret('API_KEY')}"}
    http("call_external_api", "https://api.example.com/data", headers=headers).opts(task_name="api_call")


@task
def get_user_email(userid: str) -> str:
    """Look an address up."""
    return f"{userid}@example.com"


@task
def send_email(email: str, subject: str, body: str) -> None:
    """Send a mail."""


@workflow
def dynamic_workflow(userid: str) -> Any:
    """Find the address of somebody and write to it."""
    email = get_user_email.as_("get_user_email_ref")(userid)
    send_email.as_("send_email_ref")(email.output, "Hello from Orkes", "Test Email")
    return {"email": email.output}


@task
def route(country: str) -> str:
    """Send parcels to a country."""
    return f"on the way to {country}"


# The inner workflow, and one of nearly every kind, chained as the original is.
sub0 = Workflow("sub0")
sub0 >> http("call_remote_api", sub0.input("uri")) >> wait("wait_forever", duration="2s")

kitchensink2 = Workflow("kitchensink2")
name, country = kitchensink2.input("name"), kitchensink2.input("country")
hello = inline("hello_script", f'({{text: "hello " + $.name, url: "{SERVICE}"}})', name=name)
called = http("call_remote_api", SERVICE)
added = jq(
    "jq_process", "{key3: (.key1.value1 + .key2.value2)}", key1={"value1": ["a", "b"]}, key2={"value2": ["d", "e"]}
)
remembered = set_variable("set_wf_var_ref", var1="value1", var2=42, var3=["a", "b", "c"])
decided = switch(
    "decide",
    country,
    {"US": route.as_("us_routing")(country), "CA": route.as_("ca_routing")(country)},
    otherwise=terminate("bad_country_Ref", "TERMINATED", "unsupported country"),
)
inner = sub0.inline(uri=hello.output["url"])
kitchensink2 >> hello >> [inner, [called, wait("wait_for_2_sec", duration="2s")]] >> added >> remembered >> decided
kitchensink2.returns(greetings=hello.output)


if __name__ == "__main__":
    print(kitchensink2.describe())
