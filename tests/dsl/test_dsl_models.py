"""pydantic models as records of tasks and workflows: references, names on the wire, what authors are told."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, Field, computed_field

from podium import RequestError, task, workflow
from podium.model.errors import AuthoringError
from podium.typed.records import fields, is_record, required_fields, wire_name


class Address(BaseModel):
    street: str
    zip_code: str = Field(alias="zipCode", default="")
    hidden: str = Field(default="", exclude=True)

    @computed_field
    def label(self) -> str:
        """One line."""
        return f"{self.zip_code} {self.street}"


class Customer(BaseModel):
    name: str
    address: Address
    others: list[Address] = []


@task
def find(name: str) -> Customer:
    """Find a customer."""
    return Customer(name=name, address=Address(street="x"))


@task
def send(address: Address, label: str) -> Address | None:
    """Send something."""
    return address


def test_a_model_is_a_record() -> None:
    """Fields, what is required and the names in the JSON come from the model; hidden fields are not there."""
    assert is_record(Address | None)
    assert not is_record(BaseModel.__class__)
    assert list(fields(Address) or ()) == ["street", "zip_code", "label"]
    assert required_fields(Address) == {"street"}
    assert wire_name(Address, "zip_code") == "zipCode"


def test_outputs_of_models_are_read_by_their_names_on_the_wire() -> None:
    """References go through models, aliases are put in, and the output parameters of a workflow are the fields."""

    @workflow
    def ship(name: str) -> Customer:
        found = find(name)
        send(found.output.address, label=found.output.others[0].zip_code)
        return found.output

    data = ship.to_dict()
    assert data["tasks"][1]["inputParameters"] == {
        "address": "${find.output.address}",
        "label": "${find.output.others[0].zipCode}",
    }
    assert data["outputParameters"] == {name: f"${{find.output.{name}}}" for name in ("name", "address", "others")}


def test_an_unknown_field_of_a_model_is_refused() -> None:
    """R2 with the nearest name, as for other records."""

    @workflow
    def wrong(name: str) -> Any:
        return find(name).output.address.streat  # type: ignore[attr-defined]  # the mistake

    with pytest.raises(AuthoringError, match="R2 Address has no field 'streat'; did you mean 'street'"):
        _ = wrong.definition


def test_a_model_of_references_says_what_to_write() -> None:
    """A model checks at once, which cannot work; the message names the model and the way out, at the author's line."""

    @workflow
    def wrong(name: str) -> Address:
        found = find(name)
        return Address(street=found.output.name)

    with pytest.raises(
        AuthoringError, match=r"test_dsl_models.py:\d+: P1 Address checks its field 'street' now.*model_con"
    ):
        _ = wrong.definition


def test_a_model_that_is_wrong_by_itself_stays_pydantics_matter() -> None:
    """A mistake among plain values is not turned into advice about references."""

    @workflow
    def wrong() -> Address:
        return Address(street=3)  # type: ignore[arg-type]  # the mistake

    with pytest.raises(ValueError, match="valid string"):
        _ = wrong.definition


def test_a_constructed_model_may_hold_references() -> None:
    """``model_construct`` gives outputs and inputs by the names on the wire."""

    @workflow
    def right(name: str) -> Address:
        found = find(name)
        send(Address.model_construct(street=name, zip_code="1"), label="")
        return Address.model_construct(street=found.output.name, zip_code=f"A-{name}")

    data = right.to_dict()
    assert data["tasks"][1]["inputParameters"]["address"] == {"street": "${workflow.input.name}", "zipCode": "1"}
    assert data["outputParameters"] == {"street": "${find.output.name}", "zipCode": "A-${workflow.input.name}"}


def test_starting_a_run_asks_pydantic_about_a_model() -> None:
    """What pydantic does not take is refused at once, with its words and the place."""

    @workflow
    def takes(address: Address) -> Address:
        return send(address, "x").output  # type: ignore[return-value]  # None is not of interest here

    takes.check_input({"address": {"street": "a", "zipCode": "1"}})
    with pytest.raises(RequestError, match=r"address\.street: Input should be a valid string"):
        takes.check_input({"address": {"street": 3}})
    with pytest.raises(RequestError, match=r"address: an object \(Address\) is expected"):
        takes.check_input({"address": "here"})
