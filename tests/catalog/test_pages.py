"""The pages of the catalog: what they show to whom, and the forms on them, without script."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from audit.models import Proposal, User
from orchestration import catalog, queue, waived
from orchestration.catalog import keeping, testing
from orchestration.models import KeptKey, Model, ModelTest
from tests.cast import Cast
from tests.pages.conftest import Look, look  # noqa: F401  (a fixture)

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def hidden(client: Client, page: str, name: str) -> str:
    return str(re.findall(rf'name="{name}" value="([^"]*)"', client.get(page).content.decode())[0])


def filled(**more: Any) -> dict[str, Any]:
    """The form of a model, filled in."""
    return {
        "name": "house/large",
        "title": "Large",
        "ceiling": "personal",
        "region": "eu",
        "tiers": ["minimal", "limited"],
        "capabilities": ["schema", "tools"],
        "languages": "en, de",
        "tags": "letters, cheap",
        "context": "128000",
        "price_in": "2.5",
        "price_out": "10",
        "priced_on": "2026-01-31",
        "quality": "0.7",
        "month_budget": "200",
        **more,
    }


def test_from_the_form_to_a_signed_model(cast: Cast, ada: User, look: Look) -> None:  # noqa: F811
    adam, other = signed_in(cast.adam), signed_in(ada)
    sent = filled(token=hidden(adam, "/models/new/", "token"))
    made, again = adam.post("/models/new/", sent), adam.post("/models/new/", sent)
    row = Model.objects.get(name="house/large")
    assert made["Location"] == again["Location"] == f"/models/{row.pk}/"
    assert (row.languages, row.tags, row.capabilities) == (["de", "en"], ["cheap", "letters"], ["tools", "schema"])
    until = waived.today() + timedelta(days=30)
    asked = adam.post(f"/models/{row.pk}/approve/", {"until": until.isoformat()})
    proposal = Proposal.objects.get()
    assert asked["Location"] == f"/proposals/{proposal.pk}/"
    page = other.get(asked["Location"]).content.decode()
    assert "Let steps use the model house/large, for data up to personal" in page
    assert "May be given, at the most" in page
    other.post(f"/proposals/{proposal.pk}/answer/", {"answer": "sign", "shown_hash": proposal.content_hash})
    row.refresh_from_db()
    assert (row.status, row.approved_by, row.approved_until) == ("approved", ada, until)
    text = look(cast.mina, f"/models/{row.pk}/").text
    assert "Steps may ask it, with data up to: personal." in text
    assert "Signed by Ada Lind" in text


def test_the_list_shows_what_counts_and_narrows_by_state(cast: Cast, large: Model, look: Look) -> None:  # noqa: F811
    catalog.add("house/small", {}, by=cast.adam)
    every = look(cast.mina, "/models/").text
    for word in ("house/large", "Approved", "Personal", "eu", "Ada Lind", "house/small", "Proposed"):
        assert word in every
    assert "Propose a model" not in every
    proposed = look(cast.adam, "/models/?state=proposed").text
    assert "house/small" in proposed
    assert "house/large" not in proposed
    assert "Propose a model" in proposed
    Model.objects.filter(pk=large.pk).update(approved_until=waived.today() - timedelta(days=1))
    assert "house/large" in look(cast.adam, "/models/?state=ended").text
    assert "house/large" not in look(cast.adam, "/models/?state=approved").text
    assert look(cast.adam, "/models/?state=nonsense").status == 200


def test_the_list_costs_the_same_however_many_there_are(cast: Cast, look: Look) -> None:  # noqa: F811
    catalog.add("house/0", {}, by=cast.adam)
    look(cast.adam, "/models/")
    one = look(cast.adam, "/models/").queries
    Model.objects.bulk_create(Model(name=f"house/{number}", title=f"{number}") for number in range(1, 121))
    seen = look(cast.adam, "/models/")
    assert seen.queries == one
    assert len(seen.context["page"].rows) == 50
    older = look(cast.adam, f"/models/{seen.context['page'].older}")
    assert len(older.context["page"].rows) == 50
    assert older.context["page"].newer


def test_what_does_not_fit_is_told_beside_its_field_and_kept(cast: Cast) -> None:
    adam, before = signed_in(cast.adam), Model.objects.count()
    answer = adam.post("/models/new/", filled(name="handrail/mine", region="Europe", endpoint="https://127.0.0.1/v1"))
    page = answer.content.decode()
    assert (answer.status_code, Model.objects.count()) == (422, before)
    for name in ("name", "region", "endpoint"):
        assert f'id="id_{name}_error"' in page
    assert 'value="letters, cheap"' in page
    answer = adam.post(
        "/models/new/", filled(price_in="a lot", quality="2", priced_on="soon", ceiling="top", context="-1")
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    for name in ("price_in", "quality", "priced_on", "ceiling", "context"):
        assert f'id="id_{name}_error"' in page


@pytest.mark.parametrize("value", ["\x00", "💥" * 50, "9" * 400, "NaN", "Infinity", "<script>", "' OR 1=1 --"])
def test_nonsense_in_every_field_is_a_sentence_and_no_error(cast: Cast, value: str) -> None:
    adam = signed_in(cast.adam)
    for name in filled():
        answer = adam.post("/models/new/", filled(**{name: value}, endpoint=""))
        assert answer.status_code in (303, 422), name
        assert b"<script>'" not in answer.content
        Model.objects.filter(name__startswith="house/").delete()
    for name in ("route", "endpoint", "secret", "private_endpoint", "retention_days", "calls_at_once"):
        assert adam.post("/models/new/", filled(**{name: value})).status_code in (303, 422), name
        Model.objects.filter(name__startswith="house/").delete()


def test_a_change_says_that_it_must_be_signed_again(cast: Cast, large: Model) -> None:
    adam = signed_in(cast.adam)
    at = f"/models/{large.pk}/edit/"
    sent = filled(seen=hidden(adam, at, "seen"), route="openai/large", ceiling="special")
    page = adam.post(at, sent, follow=True).content.decode()
    assert "must be signed again" in page
    large.refresh_from_db()
    assert (large.status, large.ceiling) == ("proposed", "special")


def test_a_change_that_comes_too_late_is_kept_in_the_form(cast: Cast, ada: User, large: Model) -> None:
    adam, at = signed_in(cast.adam), f"/models/{large.pk}/edit/"
    seen = hidden(adam, at, "seen")
    catalog.change(large.pk, {"tags": ["dear"]}, by=ada, seen=seen)
    answer = adam.post(at, filled(seen=seen, title="Mine"))
    assert answer.status_code == 409
    assert 'value="Mine"' in answer.content.decode()
    large.refresh_from_db()
    assert large.tags == ["dear"]


def test_a_built_in_model_offers_only_what_may_be_changed(cast: Cast) -> None:
    catalog.keep_in_line()
    row = Model.objects.get(name="handrail/intent")
    page = signed_in(cast.adam).get(f"/models/{row.pk}/edit/").content.decode()
    assert 'name="ceiling"' in page
    assert not re.findall(r'name="(?:endpoint|secret|route|price_in)"', page)


def test_the_verbs_of_the_page(cast: Cast, large: Model) -> None:
    adam = signed_in(cast.adam)
    page = adam.post(f"/models/{large.pk}/suspend/", {"why": "Too slow."}, follow=True).content.decode()
    assert "No step may ask it: it is suspended." in page
    assert "Too slow." in page
    assert adam.post(f"/models/{large.pk}/suspend/").status_code == 409
    assert adam.post(f"/models/{large.pk}/resume/").status_code == 303
    assert adam.post(f"/models/{large.pk}/retire/").status_code == 303
    assert adam.post(f"/models/{large.pk}/resume/").status_code == 409


@pytest.mark.parametrize("until", ["yesterday", "2020-01-01", "9999-99-99"])
def test_a_day_that_is_none_is_told_beside_its_field(cast: Cast, large: Model, until: str) -> None:
    answer = signed_in(cast.adam).post(f"/models/{large.pk}/approve/", {"until": until})
    assert answer.status_code == 422
    assert 'id="id_until_error"' in answer.content.decode()
    assert not Proposal.objects.filter(status="open").exists()


def test_what_is_proposed_already_is_not_proposed_twice(cast: Cast, large: Model) -> None:
    adam = signed_in(cast.adam)
    assert adam.post(f"/models/{large.pk}/approve/").status_code == 303
    assert adam.post(f"/models/{large.pk}/approve/").status_code == 409
    assert Proposal.objects.filter(status="open").count() == 1


def test_a_test_is_asked_for_and_shown(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "ring_for_test", lambda pk: None)
    row, adam = catalog.add("house/large", {}, by=cast.adam), signed_in(cast.adam)
    page = adam.post(f"/models/{row.pk}/test/", follow=True).content.decode()
    assert "Under way" in page
    assert adam.post(f"/models/{row.pk}/test/").status_code == 409
    testing.end(ModelTest.objects.get(), testing.Came("", 1234, 40, 20))
    page = adam.get(f"/models/{row.pk}/").content.decode()
    assert "1,234 ms" in page
    assert "40 in, 20 out" in page


def test_a_model_of_the_table_is_found_and_proposed(cast: Cast) -> None:
    adam = signed_in(cast.adam)
    assert "gpt-4o-mini" in adam.get("/models/known/?q=gpt-4o+mini").content.decode()
    answer = adam.post("/models/known/", {"name": "gpt-4o-mini", "q": "gpt-4o"})
    row = Model.objects.get(name="gpt-4o-mini")
    assert (row.status, answer["Location"]) == ("proposed", f"/models/{row.pk}/edit/")
    assert adam.post("/models/known/", {"name": "gpt-4o-mini"}).status_code == 409
    assert adam.post("/models/known/", {"name": "no such"}).status_code == 422
    assert "In the catalog" in adam.get("/models/known/?q=gpt-4o-mini").content.decode()


def test_keys_are_kept_given_anew_and_forgotten_on_their_page(cast: Cast) -> None:
    adam = signed_in(cast.adam)
    assert (
        "kept:gateway"
        in adam.post("/models/keys/", {"name": "gateway", "key": "a-key-of-the-tests"}, follow=True).content.decode()
    )
    row = KeptKey.objects.get()
    assert adam.post(f"/models/keys/{row.pk}/renew/", {"key": "short"}).status_code == 422
    assert adam.post(f"/models/keys/{row.pk}/renew/", {"key": "another-key-of-tests"}).status_code == 303
    assert KeptKey.objects.get().closed != row.closed
    assert adam.post(f"/models/keys/{row.pk}/drop/").status_code == 303
    assert not KeptKey.objects.exists()


def test_only_who_may_sees_a_proposal_of_a_model(cast: Cast, large: Model) -> None:
    proposal = catalog.approve_until(large.pk, None, by=cast.adam)
    at = f"/proposals/{proposal.pk}/"
    assert signed_in(cast.mina).get(at).status_code == 200
    assert signed_in(cast.rita).get(at).status_code == 404
    sent = {"answer": "sign", "shown_hash": proposal.content_hash}
    assert signed_in(cast.mina).post(f"{at}answer/", sent).status_code == 403
    assert Proposal.objects.get(pk=proposal.pk).status == "open"


def test_a_key_that_is_missing_is_said_on_the_models_page(cast: Cast, look: Look) -> None:  # noqa: F811
    row = catalog.add("house/large", {"secret": "kept:gateway"}, by=cast.adam)
    assert "There is no kept key called gateway." in look(cast.adam, f"/models/{row.pk}/").text
    keeping.keep("gateway", "a-key-of-the-tests", by=cast.adam)
    assert "There is no kept key called gateway." not in look(cast.adam, f"/models/{row.pk}/").text
