"""The pages of a second signature: the list, what would be signed, and the answer, by forms alone."""

import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client, RequestFactory

from audit import access, choices, proposals
from audit.models import Event, Proposal, User
from audit.pages import SIZE
from tests import clock, signing
from tests.cast import Cast
from tests.pages.conftest import Look
from tests.signing import Paint, proposed

pytestmark = pytest.mark.django_db
SIGNERS = 8


@pytest.fixture(autouse=True)
def paint() -> Iterator[Paint]:
    with signing.painting() as act:
        act.colours |= {str(wall): "teal" for wall in range(100, 100 + SIZE + 2)}
        yield act


@pytest.fixture
def olga(cast: Cast) -> User:
    return signing.olga(cast)


def answer(user: User, proposal: Proposal, given: str, **sent: str) -> Any:
    client = Client()
    client.force_login(user)
    form = {"answer": given, "shown_hash": proposal.content_hash, **sent}
    return client.post(f"/proposals/{proposal.pk}/answer/", form)


def test_adam_proposes_and_olga_signs(cast: Cast, olga: User, look: Look, paint: Paint) -> None:
    """The story: from Home to the page, what stands there, the signature, and what everybody sees after it."""
    proposal = proposed(cast)
    home = look(olga, "/")
    assert "Governance to do 1 to sign" in home.text
    assert "Adam Novak asks for your signature" in home.text
    assert re.search(r'data-count="sign">1<', home.html)
    assert "Wall 7 becomes teal" in look(olga, "/proposals/").text
    seen = look(olga, f"/proposals/{proposal.pk}/")
    for words in (
        "Wall 7 becomes teal",
        "Adam Novak proposed it",
        "Colour teal",
        proposal.content_hash,
        "Sign",
        "Refuse",
    ):
        assert words in seen.text
    answered = answer(olga, proposal, "sign")
    assert (answered.status_code, paint.painted) == (303, ["teal"])
    after = look(olga, answered.headers["Location"])
    assert "Olga Brandt : signed on" in after.text
    assert f'data-kept="proposal-{proposal.pk}"' in after.html
    assert "Governance" not in look(olga, "/").text
    assert "Signed" in look(cast.adam, "/proposals/?list=mine").text
    assert "Wall 7 becomes teal" in look(cast.mina, "/proposals/?list=closed").text


def test_the_proposer_is_offered_to_withdraw_it(cast: Cast, olga: User, look: Look) -> None:
    proposal = proposed(cast)
    seen = look(cast.adam, f"/proposals/{proposal.pk}/")
    assert "somebody else signs it" in seen.text
    assert 'value="withdraw"' in seen.html
    assert 'value="sign"' not in seen.html
    refused = answer(cast.adam, proposal, "sign")
    assert refused.status_code == 403
    assert "You proposed this" in refused.content.decode()
    assert answer(cast.adam, proposal, "withdraw", reason="A slip.").status_code == 303
    assert Proposal.objects.get().reason == "A slip."


def test_whoever_only_looks_is_told_so(cast: Cast, olga: User, look: Look) -> None:
    proposal = proposed(cast)
    seen = look(cast.rita, f"/proposals/{proposal.pk}/")
    assert "you may not sign it" in seen.text
    assert "<form class=" not in seen.html.partition("<main")[2].partition("</main>")[0]
    assert answer(cast.rita, proposal, "sign").status_code == 403
    assert answer(cast.noah, proposal, "sign").status_code == 404
    assert Proposal.objects.get().is_open


def test_the_last_editor_is_told_why_not(cast: Cast, olga: User, look: Look, paint: Paint) -> None:
    proposal, paint.editors = proposed(cast), frozenset({olga.pk})
    assert "You were the last to edit this" in look(olga, f"/proposals/{proposal.pk}/").text
    assert answer(olga, proposal, "sign").status_code == 403


def test_what_changed_is_told_and_the_words_are_kept(cast: Cast, olga: User, look: Look, paint: Paint) -> None:
    proposal = proposed(cast)
    paint.colours[signing.WALL] = "pi\u202enk"
    answered = answer(olga, proposal, "sign", reason="It suits <b>the room</b>.")
    page = answered.content.decode()
    assert answered.status_code == 409
    assert "Nothing was signed: read what differs" in page
    assert ">U+202E</span>nk" in page
    assert "It suits &lt;b&gt;the room&lt;/b&gt;." in page
    assert 'value="sign"' not in page
    assert 'value="refuse"' in page
    assert "so it cannot be signed" in look(olga, f"/proposals/{proposal.pk}/").text


def test_a_page_that_showed_something_else_signs_nothing(cast: Cast, olga: User) -> None:
    answered = answer(olga, proposed(cast), "sign", shown_hash="x" * 5000)
    assert answered.status_code == 409
    assert "Your page showed something else" in answered.content.decode()
    assert answer(olga, Proposal.objects.get(), "sign", shown_hash="").status_code == 409


def test_whoever_was_first_is_named(cast: Cast, olga: User) -> None:
    proposal, otto = proposed(cast), signing.olga(cast, "otto")
    answer(olga, proposal, "refuse", reason="Not this colour.")
    answered = answer(otto, proposal, "sign", reason="My words.")
    page = answered.content.decode()
    assert answered.status_code == 409
    assert "Olga Brandt was first: refused on" in page
    assert "My words." in page


def test_what_lapsed_is_told(cast: Cast, olga: User) -> None:
    proposal = proposed(cast)
    client = Client()
    client.force_login(olga)
    clock.jump(timedelta(days=proposals.DAYS, seconds=1).total_seconds())
    form = {"answer": "sign", "shown_hash": proposal.content_hash}
    answered = client.post(f"/proposals/{proposal.pk}/answer/", form)
    assert (answered.status_code, "Its time was over" in answered.content.decode()) == (409, True)


def test_a_refusal_without_a_reason_is_asked_for_one(cast: Cast, olga: User) -> None:
    answered = answer(olga, proposed(cast), "refuse")
    assert answered.status_code == 422
    assert "Say why you refuse it" in answered.content.decode()


@pytest.mark.parametrize("given", ["", "burn", "sign\x00"])
def test_nonsense_changes_nothing(cast: Cast, olga: User, given: str) -> None:
    assert answer(olga, proposed(cast), given, reason="\x00" * 5000).status_code == 422
    assert Proposal.objects.get().is_open


def test_what_cannot_be_done_is_said(cast: Cast, olga: User, paint: Paint) -> None:
    proposal, paint.refuses = proposed(cast), "There is no paint left."
    answered = answer(olga, proposal, "sign")
    assert (answered.status_code, "There is no paint left." in answered.content.decode()) == (409, True)


def test_a_get_signs_nothing(cast: Cast, olga: User) -> None:
    proposal, client = proposed(cast), Client()
    client.force_login(olga)
    asked = {"answer": "sign", "shown_hash": proposal.content_hash}
    assert client.get(f"/proposals/{proposal.pk}/answer/", asked).status_code == 405
    assert client.get(f"/proposals/{proposal.pk}/", asked).status_code == 200
    assert Proposal.objects.get().is_open


def test_only_a_persons_own_session_signs(cast: Cast, olga: User) -> None:
    """Whatever lets a program in later sets the user of a request, and no session."""
    request: Any = RequestFactory().post("/")
    request.user, request.session = olga, SessionStore()
    with pytest.raises(PermissionDenied):
        access.in_person(request)
    request.session["_auth_user_id"] = str(cast.adam.pk)
    with pytest.raises(PermissionDenied):
        access.in_person(request)
    request.session["_auth_user_id"] = str(olga.pk)
    assert access.in_person(request) == olga


def test_a_long_list_goes_on_by_key(cast: Cast, olga: User, look: Look) -> None:
    made = [proposed(cast, wall=str(wall)) for wall in range(100, 100 + SIZE + 1)]
    first = look(olga, "/proposals/")
    assert f'id="proposal-{made[-1].pk}"' in first.html
    assert f'id="proposal-{made[0].pk}"' not in first.html
    older = look(olga, f"/proposals/{first.context['page'].older}")
    assert f'id="proposal-{made[0].pk}"' in older.html
    assert older.queries <= first.queries
    assert look(olga, "/proposals/?list=nonsense&before=x&after=-1").status == 200


def test_the_number_of_queries_does_not_grow(cast: Cast, olga: User, look: Look) -> None:
    proposed(cast)
    before = {path: look(olga, path).queries for path in ("/proposals/", "/")}
    for wall in range(100, 110):
        proposed(cast, wall=str(wall))
    assert {path: look(olga, path).queries for path in before} == before


def test_the_setting_stands_on_its_page(cast: Cast, look: Look) -> None:
    seen = look(cast.adam, "/settings/")
    assert "Publishing wants a second person" in seen.text
    client = Client()
    client.force_login(cast.adam)
    path = f"/settings/{proposals.SECOND_PERSON}/"
    assert client.post(path, {"value": "always"}).status_code == 302
    assert choices.read(proposals.SECOND_PERSON, "") == "always"
    assert client.post(path, {"value": "on"}).status_code == 404
    assert Event.objects.get(kind="setting.changed").data["value"] == "always"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("how", ["sign", "refuse"])
def test_it_takes_one_of_eight_at_one_barrier(live_cast: Cast, paint: Paint, how: str) -> None:
    signers = [signing.olga(live_cast, f"signer{number}") for number in range(SIGNERS)]
    proposal, barrier = proposed(live_cast), threading.Barrier(SIGNERS)

    def send(number: int) -> tuple[int, str]:
        try:
            client = Client(raise_request_exception=False)
            client.force_login(signers[number])
            barrier.wait(20)
            given = "sign" if how == "sign" or number % 2 else "refuse"
            form = {"answer": given, "shown_hash": proposal.content_hash, "reason": f"Words of {number}."}
            told = client.post(f"/proposals/{proposal.pk}/answer/", form)
            return told.status_code, told.content.decode()
        finally:
            connection.close()

    with ThreadPoolExecutor(SIGNERS) as pool:
        answers = list(pool.map(send, range(SIGNERS)))
    assert sorted(status for status, _ in answers) == [303] + [409] * (SIGNERS - 1)
    closed = Proposal.objects.get()
    assert len(paint.painted) == (closed.status == "signed")
    for number, (status, page) in enumerate(answers):
        if status == 409:
            assert f"{closed.signer} was first: {closed.status} on" in page
            assert f"Words of {number}." in page
    assert Event.objects.filter(object_type="proposal").count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_who_propose_at_once_make_one(live_cast: Cast) -> None:
    barrier = threading.Barrier(2)

    def put(_: int) -> str:
        try:
            barrier.wait(20)
            return proposed(live_cast).status
        except proposals.AlreadyProposed as error:
            return str(error.proposal and error.proposal.told)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(put, range(2))) == ["Wall 7 becomes teal", "open"]
