"""The pages of triggers and tokens: what they show to whom, and the forms on them, without script."""

import re
from typing import Any

import pytest
from django.test import Client

from audit import people
from audit.actors import COMMAND
from audit.models import Event, User
from orchestration.models import ApiToken, Begun, Run, Trigger, TriggerFire
from orchestration.triggers import begun, schedules
from tests.cast import QUESTION, Cast
from tests.flow import drawn
from tests.pages.conftest import Look, look  # noqa: F401  (a fixture)
from tests.triggers.conftest import MAPPING, clocked, following, schedule
from tests.triggers.test_webhooks import send

NEW = "/workflows/answer-a-customer/triggers/new/"
START = "/workflows/answer-a-customer/start/"


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def token_on(client: Client, page: str) -> str:
    return str(re.findall(r'name="token" value="([^"]+)"', client.get(page).content.decode())[0])


def filled(**more: str) -> dict[str, str]:
    """The form of a webhook, filled in."""
    fields = {f"map-{name}": text for name, text in MAPPING.items()}
    return {"kind": "webhook", "name": "The shop", "headers": "", "per_minute": "60", **fields, **more}


def test_a_webhook_is_made_on_the_page_and_its_secret_shown_once(cast: Cast) -> None:
    client = signed_in(cast.adam)
    assert "A schedule" in client.get(NEW).content.decode()
    sent = filled(token=token_on(client, f"{NEW}?kind=webhook"))
    made, again = client.post(NEW, sent), client.post(NEW, sent)
    trigger = Trigger.objects.get()
    secret = re.findall(r'value="(hrs_[^"]+)"', made.content.decode())[0]
    assert (made.status_code, again.status_code, made["Cache-Control"].count("no-store")) == (200, 303, 1)
    assert secret not in client.get(f"/triggers/{trigger.pk}/").content.decode()
    assert send((trigger, secret)).status_code == 202


def test_what_does_not_fit_is_told_beside_its_field_and_kept(cast: Cast) -> None:
    client = signed_in(cast.adam)
    answer = client.post(NEW, filled(**{"map-question": "payload.", "per_minute": "0", "headers": "Cookie"}))
    page = answer.content.decode()
    assert (answer.status_code, Trigger.objects.count()) == (422, 0)
    assert 'id="id_per_minute_error"' in page
    answer = client.post(NEW, filled(**{"map-question": "payload.", "headers": "Cookie"}))
    page = answer.content.decode()
    assert 'id="id_map-question_error"' in page
    assert 'id="id_headers_error"' in page
    assert 'value="payload."' in page


def test_a_delivery_is_shown_and_the_mapping_tried_on_it(cast: Cast, shop: Any, look: Look) -> None:  # noqa: F811
    send(shop, {"text": "<b>Hello</b>"})
    fire = TriggerFire.objects.get()
    seen = look(cast.adam, f"/triggers/{shop[0].pk}/?try={fire.pk}")
    assert "could not be read" in seen.text
    assert "&lt;b&gt;Hello&lt;/b&gt;" in seen.html
    assert "No such key" in seen.text or "cannot be worked out" in seen.text
    client = signed_in(cast.adam)
    better = filled(**{"map-customer_name": "'Ines'", "map-customer": "'ines@customer.example'"}, on=str(fire.pk))
    page = client.post(f"/triggers/{shop[0].pk}/edit/", {**better, "try": "1"}).content.decode()
    assert "A run would start" in page
    assert not Run.objects.exists()
    assert Trigger.objects.get().config["mapping"] == MAPPING


def test_what_came_is_for_those_who_manage_it(cast: Cast, shop: Any, look: Look) -> None:  # noqa: F811
    send(shop)
    send(shop, {"text": "?"})
    page = f"/triggers/{shop[0].pk}/"
    fire = TriggerFire.objects.latest("pk")
    for user in (cast.rita, cast.mina):
        seen = look(user, f"{page}?try={fire.pk}")
        assert seen.status == 200
        assert "What it held" not in seen.html
        assert "payload.from" not in seen.text.partition("What came")[2]
    assert "What it held" in look(cast.adam, page).html


def test_a_schedule_shows_the_next_five_in_its_zone(cast: Cast, look: Look) -> None:  # noqa: F811
    trigger = schedule(cast, "30 2 * * *")
    seen = look(cast.adam, f"/triggers/{trigger.pk}/")
    assert len(re.findall(r"02:30 CES?T", seen.text)) == 5
    assert "Europe/Berlin" in seen.text
    form = look(cast.adam, f"/triggers/{trigger.pk}/edit/")
    assert len(re.findall(r"02:30 CES?T", form.text)) == 5


def test_a_page_says_what_each_kind_does(cast: Cast, look: Look) -> None:  # noqa: F811
    source = drawn.publish(cast, drawn.step("say"), slug="first")
    trigger = following(cast, source, clocked(cast), outcome="sold")
    seen = look(cast.adam, f"/triggers/{trigger.pk}/")
    assert "A run starts when a run of First ends with the outcome “sold”." in seen.text
    assert "After it" in look(cast.adam, "/workflows/clocked/").text


def test_pausing_is_on_record_with_who(cast: Cast, shop: Any) -> None:
    client = signed_in(cast.adam)
    assert client.post(f"/triggers/{shop[0].pk}/pause/", {"why": "Too loud."}).status_code == 303
    event = Event.objects.get(kind="trigger.paused")
    assert (event.about["actor"], event.about["reason"]) == ("Adam Novak", "Too loud.")
    assert client.post(f"/triggers/{shop[0].pk}/pause/").status_code == 409


def test_somebody_who_manages_it_can_take_it_over(cast: Cast, shop: Any) -> None:
    people.join(cast.noah, cast.groups["admin"], actor=COMMAND)
    client = signed_in(cast.noah)
    assert client.post(f"/triggers/{shop[0].pk}/edit/", filled(take_over="on")).status_code == 303
    assert Trigger.objects.get().owner == cast.noah
    assert Event.objects.get(kind="trigger.changed").data["was_owner"] == str(cast.adam.pk)


def test_the_list_of_what_came_is_read_page_by_page(cast: Cast, shop: Any, look: Look) -> None:  # noqa: F811
    TriggerFire.objects.bulk_create(
        TriggerFire(trigger=shop[0], result="refused", told=f"No {number}.", sample={"n": number})
        for number in range(70)
    )
    first = look(cast.adam, f"/triggers/{shop[0].pk}/")
    assert (first.text.count("What it held"), "Older" in first.text) == (50, True)
    send(shop)
    assert look(cast.adam, f"/triggers/{shop[0].pk}/").queries <= first.queries


def test_a_token_is_shown_once_and_withdrawn(cast: Cast) -> None:
    client = signed_in(cast.rita)
    fields = {"name": "A script", "scopes": ["runs:read"], "workflows": [str(cast.workflow.pk)], "days": "30"}
    made = client.post("/settings/tokens/", {**fields, "token": token_on(client, "/settings/tokens/")})
    text = re.findall(r'value="(hr_[^"]+)"', made.content.decode())[0]
    later = client.get("/settings/tokens/").content.decode()
    assert text not in later
    assert text[:11] in later
    assert client.get("/settings/tokens/", headers={"Authorization": f"Bearer {text}"}).status_code == 200
    pk = ApiToken.objects.get().pk
    assert signed_in(cast.mina).post(f"/settings/tokens/{pk}/withdraw/").status_code == 404
    assert text[:11] not in signed_in(cast.mina).get("/settings/tokens/").content.decode()
    assert client.post(f"/settings/tokens/{pk}/withdraw/").status_code == 303
    assert client.post(f"/settings/tokens/{pk}/withdraw/").status_code == 409


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": "", "scopes": ["runs:read"], "every_workflow": "on", "days": "1"}, "id_name_error"),
        ({"name": "A", "scopes": ["runs:read"], "every_workflow": "on", "days": "400"}, "id_days_error"),
        ({"name": "A", "scopes": ["runs:decide"], "every_workflow": "on", "days": "1"}, 'class="err"'),
        ({"name": "A", "scopes": ["runs:read"], "days": "1"}, "Choose the workflows"),
        ({"name": "A", "scopes": ["runs:read"], "workflows": ["999999"], "days": "1"}, 'class="err"'),
    ],
)
def test_a_token_that_cannot_be_is_told(cast: Cast, fields: dict[str, Any], field: str) -> None:
    answer = signed_in(cast.rita).post("/settings/tokens/", fields)
    assert answer.status_code == 422
    assert field in answer.content.decode()
    assert not ApiToken.objects.exists()


def test_a_form_that_was_begun_is_offered_again(cast: Cast) -> None:
    client = signed_in(cast.adam)
    sent = {"input-question": "Half a quest", "input-customer": "not yet", "keep": "1"}
    assert client.post(START, sent).status_code == 303
    page = client.get(START).content.decode()
    assert "Half a quest" in page
    assert "You began this form" in page
    assert "Half a quest" not in signed_in(cast.mina).get(START).content.decode()
    client.post(START, {"drop": "1"})
    assert "Half a quest" not in client.get(START).content.decode()


def test_a_refused_form_is_kept_and_a_sent_one_is_not(cast: Cast) -> None:
    client = signed_in(cast.adam)
    client.post(START, {"input-question": "Only this"})
    assert begun.of(cast.adam, cast.workflow, ["question"])[0] == {"question": "Only this"}
    answer = client.post(START, {f"input-{name}": text for name, text in QUESTION.items()})
    assert answer.status_code == 303
    assert not Begun.objects.exists()


def test_what_a_script_keeps_too_late_is_not_kept(cast: Cast) -> None:
    client = signed_in(cast.adam)
    sent = {"token": token_on(client, START), **{f"input-{name}": text for name, text in QUESTION.items()}}
    assert client.post(START, sent).status_code == 303
    client.post(START, {**sent, "keep": "1"}, headers={"HX-Request": "true"})
    assert not Begun.objects.exists()


def test_what_a_script_keeps_answers_nothing(cast: Cast) -> None:
    client = signed_in(cast.adam)
    answer = client.post(START, {"input-question": "x", "keep": "1"}, headers={"HX-Request": "true"})
    assert (answer.status_code, Begun.objects.get().fields) == (204, {"question": "x"})
    client.post(START, {"input-question": "y" * 200_000, "keep": "1"}, headers={"HX-Request": "true"})
    assert Begun.objects.get().fields == {"question": "x"}


def test_the_words_of_a_schedule_are_never_missing() -> None:
    for cron in ("30 2 * * *", "*/7 1-5 L * *", "0 0 * * 5#2", "1,2,3 4 5 JAN-MAR SUN"):
        assert schedules.in_words(cron)
