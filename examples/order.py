"""
An order: reserve, quote by one of two ways, tell and charge at the same time, follow the parcel until it is there.

Run it with ``podium run examples/order.py:order -i order_id=1 -i sku=A1 -i amount=12.5 -i speed=EXPRESS``, or see its
definition with ``python examples/order.py``.
"""

from __future__ import annotations

import attrs

from podium.dsl import fork, loop, switch, task, wait, workflow


@attrs.frozen
class Reservation:
    """Goods put aside."""

    id: str


@attrs.frozen
class Quote:
    """What a carrier asks for."""

    carrier: str
    price: float


@attrs.frozen
class Payment:
    """Money taken."""

    id: str
    amount: float


@attrs.frozen
class Parcel:
    """Where a parcel is."""

    state: str
    looks: int


@attrs.frozen
class OrderResult:
    """What the customer gets to see."""

    order_id: str
    carrier: str
    payment_id: str


#: Order to how often its parcel was looked at; stands for the carrier's system.
_looks: dict[str, int] = {}


@task(retries=2, retry_delay="5s", timeout="30s")
def reserve(order_id: str, sku: str) -> Reservation:
    """Put goods aside."""
    return Reservation(id=f"R-{order_id}-{sku}")


@task
def release(reservation_id: str) -> None:
    """Put goods back."""
    print(f"released {reservation_id}")


@task
def quote_express(order_id: str) -> Quote:
    """Ask the fast carrier."""
    return Quote(carrier=f"express/{order_id}", price=19.5)


@task
def quote_post(order_id: str) -> Quote:
    """Ask the post."""
    return Quote(carrier=f"post/{order_id}", price=4.9)


@task
def send_mail(order_id: str) -> None:
    """Tell the customer."""
    print(f"order {order_id} is on its way")


@task(retries=3, retry_delay="1s")
def charge(order_id: str, amount: float) -> Payment:
    """Take the money."""
    return Payment(id=f"P-{order_id}", amount=amount)


@task
def track(order_id: str) -> Parcel:
    """Look where the parcel is; it arrives at the second look."""
    looks = _looks[order_id] = _looks.get(order_id, 0) + 1
    return Parcel(state="DONE" if looks % 2 == 0 else "UNDERWAY", looks=looks)


@workflow(version=3, owner="orders@example.com", timeout="1h")
def order(order_id: str, sku: str, amount: float, speed: str = "POST") -> OrderResult:
    """Sell one thing and bring it to the customer."""
    held = reserve(order_id, sku)
    held.undo(release, reservation_id=held.output.id)
    with switch("shipping", speed) as shipping:
        with shipping.case("EXPRESS"):
            fast = quote_express(order_id)
        with shipping.otherwise():
            slow = quote_post(order_id)
    quote = shipping.merge(fast, slow)
    with fork("tell") as tell:
        with tell.branch():
            send_mail(order_id)
        with tell.branch():
            paid = charge(order_id, amount=amount)
    with loop("poll", max_iterations=30) as poll:
        now = track(order_id)
        wait("poll_gap", duration="1 second")
        poll.until(now.output.state == "DONE")
    return OrderResult(order_id=order_id, carrier=quote.output.carrier, payment_id=paid.output.id)


if __name__ == "__main__":
    print(order.to_json())
