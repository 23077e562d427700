"""Which hosts HTTP tasks may reach, and in which order their requests are sent."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.client.http.policy import ForbiddenHost, HttpPolicy
from podium.client.http.queue import ConnectionPlace, RequestQueue, host_of
from podium.model.assignments import Assignment
from podium.model.errors import InvalidRequest

METADATA = ["169.254.169.254", "fe80::1", "fd00:ec2::254", "100.100.100.200", "168.63.129.16", "192.0.0.192"]
DISGUISED = ["::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1", "::169.254.169.254"]
#: The same as C's library reads it.
NUMBERS = ["2852039166", "0xA9FEA9FE", "0251.0376.0251.0376", "169.254.43518", "169.254.169.254."]
PRIVATE = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "::1",
    "fd12::1",
    "0.0.0.0",
    "::ffff:10.0.0.1",
]


def may_reach(policy: HttpPolicy, address: str, host: str | None = None) -> bool:
    """Say whether a policy lets a connection to an address through."""
    try:
        policy.refuse_address(ip_address(address), host or address)
    except ForbiddenHost:
        return False
    return True


@pytest.mark.parametrize("address", METADATA + DISGUISED)
def test_metadata_services_are_refused_whatever_their_address_looks_like(address: str) -> None:
    """Link-local addresses and the fixed ones of clouds, also as IPv6 forms of IPv4."""
    assert not may_reach(HttpPolicy(), address)


@pytest.mark.parametrize("host", ["metadata.google.internal", "METADATA.google.internal.", "169.254.169.254", *NUMBERS])
def test_metadata_services_are_refused_by_their_name_in_the_url(host: str) -> None:
    """Before anything is resolved, so that a proxy is not asked either."""
    with pytest.raises(ForbiddenHost, match="metadata service"):
        HttpPolicy().refuse_host(host)


@pytest.mark.parametrize("address", PRIVATE)
def test_private_networks_are_a_setting(address: str) -> None:
    """Reached by an engine in the user's own process unless the policy says otherwise."""
    assert may_reach(HttpPolicy(), address)
    assert not may_reach(HttpPolicy(private=False), address)
    assert may_reach(HttpPolicy(private=False), "93.184.216.34")


def test_allow_makes_an_exception_and_deny_is_stronger() -> None:
    """By network, by address and by the name that was resolved."""
    assert may_reach(HttpPolicy(allow=["169.254.169.254"]), "169.254.169.254")
    policy = HttpPolicy(private=False, allow=["10.1.0.0/16", "*.corp.example"], deny=["10.1.9.0/24"])
    assert may_reach(policy, "10.1.2.3")
    assert may_reach(policy, "10.2.0.1", "api.corp.example")
    assert not may_reach(policy, "10.2.0.1", "api.example")
    assert not may_reach(policy, "10.1.9.1", "api.corp.example")


def test_only_closes_everything_else() -> None:
    """Names count by themselves; a listed network lets a name through to its addresses."""
    policy = HttpPolicy(only=["*.example.com"])
    policy.refuse_host("api.example.com")
    with pytest.raises(ForbiddenHost, match="only="):
        policy.refuse_host("example.org")
    networks = HttpPolicy(only=["10.0.0.0/8"])
    networks.refuse_host("any.example")
    assert may_reach(networks, "10.0.0.1", "any.example")
    assert not may_reach(networks, "93.184.216.34", "any.example")


def test_denied_names_are_refused_with_the_reason() -> None:
    """In any case, with a dot at the end too."""
    with pytest.raises(ForbiddenHost, match="deny="):
        HttpPolicy(deny=["*.internal"]).refuse_host("Db.Internal.")


@pytest.mark.parametrize("entry", ["http://example.com", "example.com:80", "10.0.0.0/99", ""])
def test_what_is_no_host_is_refused_with_words(entry: str) -> None:
    """The message shows what can be written."""
    with pytest.raises(InvalidRequest, match=r"write a name \(api.example.com\)"):
        HttpPolicy(deny=[entry])


def test_a_text_is_no_list_of_hosts() -> None:
    """It would be taken letter by letter."""
    with pytest.raises(InvalidRequest, match="a list of hosts is expected"):
        HttpPolicy(allow="example.com")


def asking(host: str, seq: int) -> Assignment:
    """Make an HTTP task that asks a host."""
    request = {"uri": f"http://{host}/x?{seq}", "method": "GET"}
    place: Any = None  # the queue does not look at it
    return Assignment("r", seq, f"r/{seq}", "HTTP", f"h{seq}", 0, {"http_request": request}, {}, "w", None, 0, place)


def test_hosts_take_turns() -> None:
    """A host that is asked a thousand things holds the single request to another host up by one turn."""
    queue = RequestQueue(in_all=100, per_host=2)
    queue.put([asking("busy.example", n) for n in range(1000)])
    queue.put([asking("quiet.example", 1000)])
    turns = [queue.take() for _ in range(4)]
    assert [turn and turn[0].seq for turn in turns] == [0, 1000, 1, None]


def test_a_place_that_is_left_twice_is_one_place() -> None:
    """A request that lasted, and then ends."""
    queue = RequestQueue(in_all=1, per_host=1)
    queue.put([asking("a.example", n) for n in range(3)])
    first = queue.take()
    assert first is not None
    assert queue.take() is None
    first[1].leave()
    first[1].leave()
    assert queue.take() is not None
    assert queue.take() is None


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=40), st.integers(1, 4), st.integers(1, 3))
def test_every_task_gets_its_turn_once(asked: list[tuple[str, bool]], in_all: int, per_host: int) -> None:
    """Whatever the order of asking and ending: none is lost or taken twice, and no bound is exceeded."""
    queue = RequestQueue(in_all=in_all, per_host=per_host)
    taken: list[int] = []
    places: list[tuple[str, ConnectionPlace]] = []

    def pull() -> None:
        while (turn := queue.take()) is not None:
            taken.append(turn[0].seq)
            places.append((host_of(turn[0].input), turn[1]))
            assert len(places) <= in_all
            assert max([[host for host, _ in places].count(host) for host, _ in places]) <= per_host

    for seq, (host, ends) in enumerate(asked):
        queue.put([asking(host, seq)])
        pull()
        if ends and places:
            places.pop(0)[1].leave()
            pull()
    while places:
        places.pop()[1].leave()
        pull()
    assert sorted(taken) == list(range(len(asked)))
