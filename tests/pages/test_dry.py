"""The page of dry runs: the path in plain sentences, nothing kept, and the test cases of a text."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from audit.models import Event, User
from orchestration import drafts
from orchestration.models import CaseResult, Run, StepGroup, Workflow
from tests import tools
from tests.cast import QUESTION, Cast
from tests.fakes import FakeModels
from tests.flow.drawn import carry_on, publish, source, start, step
from tests.orchestration.test_cases import CASE, END, PAY
from tests.pages.conftest import Look

PAGE = "/workflows/drawn/dry/"


@pytest.fixture(autouse=True)
def _forgetful_tools() -> None:
    tools.forget()


@pytest.fixture
def drawn(cast: Cast) -> Workflow:
    """A workflow that pays after somebody approved it."""
    return publish(cast, PAY, END, tests=[CASE])


def send(user: User, **given: Any) -> Any:
    client = Client()
    client.force_login(user)
    return client.post(PAGE, {"text": "1", **given})


def words(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_it_shows_the_path_and_what_was_not_done(cast: Cast, drawn: Workflow) -> None:
    answer = send(cast.adam, given="{}")
    page = words(answer)
    assert answer.status_code == 200
    assert "would be asked before it acts." in page
    assert "<s>test.keyed@1 is called.</s>Not done." in page
    assert "It stops at “Pay”" in page
    assert (Run.objects.count(), Event.objects.filter(run_id__isnull=False).count(), tools.calls) == (0, 0, [])


def test_what_if_they_reject_it(cast: Cast, drawn: Workflow) -> None:
    page = words(send(cast.adam, given="{}", turn="pay"))
    assert "It goes on as if they rejected it." in page
    assert "It ends as “refused”." in page
    assert '<input type="hidden" name="rejected" value="pay">' in page
    assert "It stops at “Pay”" in words(send(cast.adam, given="{}", rejected="pay", turn="pay"))


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ('{"a": 1,\n "b" 2}', "Line 2, column 6: Expecting"),
        ("[1]", "An input is an object"),
        ("", "Write an input, or name a past run."),
        ("[" * 200_000, "It was not tried"),
        ('{"a": NaN}', "was not tried"),
    ],
)
def test_a_bad_input_is_told_and_nothing_is_lost(cast: Cast, drawn: Workflow, given: str, told: str) -> None:
    answer = send(cast.adam, given=given)
    assert (answer.status_code, told in words(answer)) == (422, True)
    assert answer.context["form"]["given"].value() == given


def test_an_input_that_does_not_fit_is_told_by_field(cast: Cast) -> None:
    publish(cast, step("say"), input={"type": "object", "properties": {"sum": {"type": "number"}}})
    answer = send(cast.adam, given='{"sum": "much"}')
    assert (answer.status_code, '<b class="mono">sum</b>: &#x27;much&#x27; is not of type' in words(answer)) == (
        422,
        True,
    )


def test_it_tries_the_draft(cast: Cast, drawn: Workflow) -> None:
    draft = drafts.draft_of(drawn, by=cast.adam)
    drafts.save(
        draft.pk, source(step("say", input={"word": "'from the draft'"})), revision=draft.revision, by=cast.adam
    )
    assert "from the draft" in words(send(cast.adam, text="draft", given="{}"))
    drafts.save(draft.pk, "steps: [", revision=draft.revision + 1, by=cast.adam)
    answer = send(cast.adam, text="draft", given="{}")
    assert (answer.status_code, "This text cannot be followed yet" in words(answer)) == (422, True)


def test_it_tries_what_a_past_run_began_with(cast: Cast) -> None:
    run = carry_on(start(cast, step("say", input={"word": "input.word"}), given={"word": "hello"}))
    publish(cast, step("say", input={"word": "input.word + '!'"}))
    assert "hello!" in words(send(cast.adam, text="2", run=str(run.pk)))
    borrowed = send(cast.adam, text="2", run=str(run.pk), borrow="on").context["course"]
    assert [(one.made, one.reads, one.gives) for one in borrowed.steps] == [
        ("recorded", {"word": "hello!"}, {"word": "hello"})
    ]


def test_a_run_of_another_workflow_is_none(cast: Cast, drawn: Workflow) -> None:
    other = start(cast, step("say"), slug="other")
    for number in (other.pk, 10**12, "x"):
        answer = send(cast.adam, run=str(number))
        assert answer.status_code == 422
    assert "There is no run" in words(send(cast.adam, run=str(other.pk)))


def test_steps_that_one_may_not_read_are_not_borrowed(cast: Cast, models: FakeModels) -> None:
    run = carry_on(start(cast, step("say", owner={"user": "mina"}, input={"word": "'quiet'"})))
    theirs = Group.objects.create(name="theirs")
    StepGroup.objects.filter(step__version=run.version, may="see").update(group=theirs)
    (tried,) = send(cast.adam, run=str(run.pk), borrow="on").context["course"].steps
    assert tried.made == "here"


def test_the_test_cases_stand_there_and_are_run(cast: Cast, drawn: Workflow, look: Look) -> None:
    assert "Paid not run on this text" in look(cast.adam, PAGE).text
    answer = send(cast.adam, cases="1")
    assert (answer.status_code, answer["Location"]) == (303, f"{PAGE}?text=1#cases")
    assert "Paid passes" in look(cast.adam, PAGE).text
    assert CaseResult.objects.get().passed


def test_a_test_case_is_looked_at(cast: Cast, drawn: Workflow, look: Look) -> None:
    send(cast.adam, cases="1")
    seen = look(cast.adam, f"{PAGE}?text=1&case=0")
    assert "recorded answer" in seen.text
    assert "What the test case “Paid” records and decides counts here." in seen.text
    assert "It ends as “paid”." in words(send(cast.adam, given="{}", case="0"))
    assert look(cast.adam, f"{PAGE}?case=99&text=none").status == 200


def test_it_is_for_those_who_manage(cast: Cast, drawn: Workflow, look: Look) -> None:
    assert [look(user, PAGE).status for user in (cast.adam, cast.rita, cast.noah)] == [200, 403, 404]
    assert (send(cast.rita, given="{}").status_code, send(cast.noah, given="{}").status_code) == (403, 404)


def test_the_number_of_queries_of_the_page_is_known(cast: Cast, drawn: Workflow, look: Look) -> None:
    look(cast.adam, PAGE)
    assert look(cast.adam, PAGE).queries <= 16


def test_the_sample_is_tried_by_its_built_in_models(cast: Cast, models: FakeModels) -> None:
    client = Client()
    client.force_login(cast.adam)
    page = words(client.post("/workflows/answer-a-customer/dry/", {"text": "1", "given": json.dumps(QUESTION)}))
    assert ("answered here" in page, "email.send@1 is called." in page) == (True, True)


INPUT = {
    "type": "object",
    "required": ["word"],
    "properties": {"word": {"type": "string"}, "sum": {"type": "number"}},
}


def test_the_input_is_written_into_fields(cast: Cast) -> None:
    publish(cast, step("say", input={"word": "input.word"}), input=INPUT)
    client = Client()
    client.force_login(cast.adam)
    assert 'name="input-word"' in words(client.get(PAGE))
    sent = {"text": "1", "as-fields": "1", "input-word": "hello", "input-sum": ""}
    answer = client.post(PAGE, sent)
    assert (answer.status_code, answer.context["tried"]) == (200, {"word": "hello"})
    refused = client.post(PAGE, sent | {"input-word": "", "input-sum": "much"})
    assert (refused.status_code, "This field is required." in words(refused)) == (422, True)
    assert 'value="much"' in words(refused)


def test_an_answer_that_nobody_knows_is_asked_for_and_gone_on_with(cast: Cast, drawn: Workflow) -> None:
    page = words(send(cast.adam, given="{}"))
    assert "What would “Pay” answer? As JSON." in page
    answer = send(cast.adam, given="{}", **{"answer-pay": '{"paid": true}'})
    assert answer.context["course"].status == "done"
    assert "{&quot;paid&quot;: true}" in words(answer)
    wrong = send(cast.adam, given="{}", **{"answer-pay": "yes"})
    assert (wrong.status_code, "Write the answer as JSON" in words(wrong)) == (422, True)


def test_a_dry_run_is_kept_as_a_test_case_of_the_draft(cast: Cast, drawn: Workflow) -> None:
    kept = {"given": "{}", "answer-pay": '{"paid": true}', "keep": "1", "name": "Paid"}
    answer = send(cast.adam, **kept)
    assert (answer.status_code, answer["Location"]) == (303, f"{PAGE}?text=draft#cases")
    draft = drafts.draft_of(drawn, by=cast.adam)
    assert "name: Paid" in draft.source
    client = Client()
    client.force_login(cast.adam)
    page = words(client.get(f"{PAGE}?text=draft"))
    assert ("<b>Paid</b>" in page, "passes" in page) == (True, True)
    assert send(cast.adam, given="{}", keep="1").status_code == 422  # it stops: nobody knows how it ends
