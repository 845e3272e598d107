"""The pages of tools and connections, through the browser's door: from an address to a tool that two have signed."""

import re

import pytest
from django.test import Client

from audit.clock_time import now
from audit.models import Proposal, User
from orchestration import jobs
from orchestration.models import Connection, Inquiry, Tool, ToolUse
from reviews.home import governance
from tests.airline.server import Airline
from tests.cast import Cast
from tests.registry.conftest import let_in, listed

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def sign(client: Client, proposal: Proposal) -> None:
    """What the page of a proposal sends."""
    shown = client.get(f"/proposals/{proposal.pk}/").content.decode()
    found = re.findall(r'name="(\w*hash\w*)" value="([^"]*)"', shown)
    answered = client.post(f"/proposals/{proposal.pk}/answer/", {**dict(found), "answer": "sign", "act": "sign"})
    proposal.refresh_from_db()
    assert (answered.status_code, proposal.status) == (303, "signed")


def test_from_an_address_to_a_tool_that_is_called(cast: Cast, ada: User, standing: Airline) -> None:
    adam, other = signed_in(cast.adam), signed_in(ada)
    sent = {"name": "airline", "kind": "mcp", "address": standing.mcp, "private": "on"}
    assert adam.post("/connections/new/", sent).status_code == 303
    row = Connection.objects.get()
    assert adam.post(f"/connections/{row.pk}/look/").status_code == 409
    adam.post(f"/connections/{row.pk}/approve/")
    sign(other, Proposal.objects.get())
    assert adam.post(f"/connections/{row.pk}/look/").status_code == 303
    jobs.try_model()
    page = adam.get(f"/connections/{row.pk}/").content.decode()
    assert "Get the details of an user" in page
    tool = Tool.objects.get(name="airline.get_user_details")
    marks = {f"t{one.pk}-effect": "read" for one in row.tools.all()}
    marks |= {f"t{one.pk}-repeatability": "safe" for one in row.tools.all()}
    marked = {**marks, f"t{tool.pk}-chosen": "on", f"t{tool.pk}-for_all": "on"}
    assert adam.post(f"/connections/{row.pk}/propose/", marked).status_code == 303
    asked = Proposal.objects.get(act="tool.approve")
    assert "Get the details of an user" in other.get(f"/proposals/{asked.pk}/").content.decode()
    sign(other, asked)
    tool.refresh_from_db()
    assert (tool.status, tool.effect, tool.leaves_house, tool.for_all) == ("approved", "read", False, True)
    assert Tool.objects.filter(status="approved", kind="mcp").count() == 1


def test_a_test_call_shows_what_came_back_as_text(cast: Cast, ada: User, airline: Connection) -> None:
    listed(airline, cast.adam)
    tool = let_in("airline.get_user_details", cast.adam, ada)
    adam = signed_in(cast.adam)
    assert adam.post(f"/tools/{tool.pk}/test/", {"arguments": "[]"}).status_code == 422
    assert adam.post(f"/tools/{tool.pk}/test/", {"arguments": "{}"}).status_code == 409
    assert adam.post(f"/tools/{tool.pk}/test/", {"arguments": '{"user_id": "mia_li_3668"}'}).status_code == 303
    jobs.try_model()
    assert Inquiry.objects.get(tool=tool).status == "done"
    assert "mia.li3818" in adam.get(f"/tools/{tool.pk}/").content.decode()


def test_what_changed_is_shown_word_by_word_and_taken_over(cast: Cast, ada: User, airline: Connection) -> None:
    listed(airline, cast.adam)
    tool = let_in("airline.get_user_details", cast.adam, ada)
    other = {**tool.declaration, "description": "Get the details of a user, and their reservations."}
    Tool.objects.filter(pk=tool.pk).update(status="changed", offered=other)
    adam = signed_in(cast.adam)
    assert governance.to_do(cast.adam, now()).tools == [tool]
    assert "is declared otherwise now" in adam.get("/").content.decode()
    page = adam.get(f"/tools/{tool.pk}/").content.decode()
    assert "<del>" in page
    assert "<ins>" in page
    assert adam.post(f"/tools/{tool.pk}/approve/").status_code == 409
    assert adam.post(f"/tools/{tool.pk}/take-over/").status_code == 303
    tool.refresh_from_db()
    assert (tool.status, tool.offered, tool.version, tool.approved_hash) == ("proposed", None, 3, "")
    assert tool.declaration == other


def test_who_may_use_it_is_given_and_taken_back(cast: Cast, ada: User, airline: Connection) -> None:
    listed(airline, cast.adam)
    tool = Tool.objects.get(name="airline.get_user_details")
    adam = signed_in(cast.adam)
    gives = {"sort": "workflow", "name": cast.workflow.slug, "act": "give"}
    assert adam.post(f"/tools/{tool.pk}/use/", {**gives, "name": "no-such"}).status_code == 422
    for _ in range(2):
        assert adam.post(f"/tools/{tool.pk}/use/", gives).status_code == 303
    assert ToolUse.objects.get().workflow == cast.workflow
    assert cast.workflow.name in adam.get(f"/tools/{tool.pk}/").content.decode()
    adam.post(f"/tools/{tool.pk}/use/", {**gives, "act": "take"})
    assert not ToolUse.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "Air Line"),
        ("name", "email"),
        ("address", "ftp://tools.example.org/mcp"),
        ("address", "http://user:password@127.0.0.1/mcp"),
        ("address", ""),
        ("secret", "sk-live-0123456789abcdef"),
        ("headers", "Host: elsewhere"),
        ("headers", "X-Key"),
        ("kind", "shell"),
    ],
)
def test_what_a_connection_cannot_be_is_told_and_nothing_is_saved(cast: Cast, field: str, value: str) -> None:
    sent = {"name": "crm", "kind": "mcp", "address": "http://127.0.0.1:9/mcp", "private": "on", field: value}
    answer = signed_in(cast.adam).post("/connections/new/", sent)
    assert answer.status_code == 422
    assert "sk-live" not in answer.content.decode()
    assert not Connection.objects.exists()


def test_an_address_inside_the_house_must_be_said_to_be_one(cast: Cast) -> None:
    sent = {"name": "crm", "kind": "mcp", "address": "https://127.0.0.1:9/mcp"}
    answer = signed_in(cast.adam).post("/connections/new/", sent)
    assert answer.status_code == 422
    assert "inside the house" in answer.content.decode()
