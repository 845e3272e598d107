"""A second person: who may sign what, exactly once, exactly what was proposed, and all of it in the ledger."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from audit import acts, choices, people, proposals
from audit.actors import COMMAND, person
from audit.models import Event, Proposal, User
from audit.moves import IllegalMove, move
from audit.reading import told
from tests import clock, signing
from tests.cast import Cast
from tests.signing import Paint, proposed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def paint() -> Iterator[Paint]:
    with signing.painting() as act:
        yield act


@pytest.fixture
def olga(cast: Cast) -> User:
    return signing.olga(cast)


@pytest.fixture
def proposal(cast: Cast, olga: User) -> Proposal:
    return proposed(cast)


def sign(proposal: Proposal, by: User, shown: str = "") -> Proposal:
    return proposals.countersign(proposal.pk, by=by, shown_hash=shown or proposal.content_hash)


def sentences(proposal: Proposal) -> list[str]:
    events = Event.objects.filter(object_type="proposal", object_id=str(proposal.pk)).order_by("id")
    return [told.plain(event) for event in events]


def test_it_is_done_once_a_second_person_signs(proposal: Proposal, olga: User, paint: Paint) -> None:
    assert paint.painted == []
    sign(proposal, olga)
    proposal.refresh_from_db()
    assert (proposal.status, proposal.signer, paint.painted) == ("signed", olga, ["teal"])


def test_the_ledger_tells_both_with_who_and_why(proposal: Proposal, olga: User) -> None:
    proposals.countersign(proposal.pk, by=olga, shown_hash=proposal.content_hash, reason="It suits the room.")
    assert sentences(proposal) == [
        "Adam Novak asked for a second signature: Wall 7 becomes teal",
        "Olga Brandt signed what Adam Novak proposed, Wall 7 becomes teal: It suits the room.",
    ]
    first, second = Event.objects.filter(object_type="proposal").order_by("id")
    assert first.about["exhibits"] == {"facts": [["Colour", "teal"]]}
    assert first.content_hash == second.content_hash == proposal.content_hash
    assert second.data["proposer"] == proposal.proposer_id
    assert second.workflow_id == proposal.workflow_id
    assert "Novak" not in first.body + second.body


def test_the_acts_own_events_stand_beside_the_signature(proposal: Proposal, olga: User) -> None:
    sign(proposal, olga)
    assert [event.kind for event in Event.objects.order_by("-id")[:2]] == ["group.joined", "proposal.signed"]


def test_nobody_signs_what_they_proposed(cast: Cast, proposal: Proposal) -> None:
    with pytest.raises(proposals.OwnProposal):
        sign(proposal, cast.adam)
    with pytest.raises(proposals.OwnProposal):
        proposals.refuse(proposal.pk, by=cast.adam, reason="No.")


def test_the_database_refuses_it_too(cast: Cast, proposal: Proposal) -> None:
    closed = {"status": "signed", "signer": cast.adam, "closed_at": proposal.proposed_at}
    with pytest.raises(IntegrityError, match="proposal_two_people"), transaction.atomic():
        Proposal.objects.filter(pk=proposal.pk).update(**closed)
    with pytest.raises(IntegrityError, match="proposal_signer"), transaction.atomic():
        Proposal.objects.filter(pk=proposal.pk).update(status="signed", closed_at=proposal.proposed_at)


def test_the_last_editor_does_not_sign(proposal: Proposal, olga: User, paint: Paint) -> None:
    paint.editors = frozenset({olga.pk})
    with pytest.raises(proposals.Barred):
        sign(proposal, olga)


def test_who_may_sign_is_asked_at_that_moment(cast: Cast, proposal: Proposal, olga: User) -> None:
    assert acts.to_sign(olga).get() == proposal
    people.leave(User.objects.get(pk=olga.pk), cast.groups["owner"], actor=COMMAND)
    with pytest.raises(proposals.NotAllowed):
        sign(proposal, olga)
    with pytest.raises(proposals.NotAllowed):
        sign(proposal, cast.rita)


def test_somebody_who_was_disabled_signs_nothing(proposal: Proposal, olga: User) -> None:
    User.objects.filter(pk=olga.pk).update(is_active=False)
    with pytest.raises(proposals.NotAllowed):
        sign(proposal, olga)


def test_it_signs_only_what_stands_there_now(proposal: Proposal, olga: User, paint: Paint) -> None:
    paint.colours[signing.WALL] = "pink"
    with pytest.raises(proposals.Stale) as raised:
        sign(proposal, olga)
    assert raised.value.changed[0] == ("Colour", "teal", "pink")
    paint.colours.clear()
    with pytest.raises(proposals.Stale, match="is not there any more"):
        sign(proposal, olga)
    assert paint.painted == []


def test_it_signs_only_what_was_shown(proposal: Proposal, olga: User) -> None:
    with pytest.raises(proposals.Stale, match="What your page showed"):
        sign(proposal, olga, shown="0" * 64)


@pytest.mark.parametrize("how", ["sign", "refuse", "withdraw"])
def test_what_is_closed_is_closed(cast: Cast, proposal: Proposal, olga: User, how: str) -> None:
    if how == "sign":
        sign(proposal, olga)
    elif how == "refuse":
        proposals.refuse(proposal.pk, by=olga, reason="Not this colour.")
    else:
        proposals.withdraw(proposal.pk, by=cast.adam)
    other = signing.olga(cast, "otto")
    with pytest.raises(proposals.Closed) as raised:
        sign(proposal, other)
    assert raised.value.proposal.closed_at is not None
    with pytest.raises(proposals.Closed):
        proposals.withdraw(proposal.pk, by=cast.adam)
    with pytest.raises(IllegalMove):
        move(Proposal.objects.get(pk=proposal.pk), "open", actor=COMMAND)


def test_a_refusal_needs_a_reason_and_does_nothing(proposal: Proposal, olga: User, paint: Paint) -> None:
    with pytest.raises(proposals.ReasonNeeded):
        proposals.refuse(proposal.pk, by=olga, reason="  ")
    proposals.refuse(proposal.pk, by=olga, reason="Not this colour.")
    assert sentences(proposal)[1].endswith("proposed, Wall 7 becomes teal: Not this colour.")
    assert paint.painted == []


def test_only_the_proposer_withdraws(cast: Cast, proposal: Proposal, olga: User) -> None:
    with pytest.raises(proposals.NotAllowed):
        proposals.withdraw(proposal.pk, by=olga)
    proposals.withdraw(proposal.pk, by=cast.adam)
    assert sentences(proposal)[1] == "Adam Novak withdrew the proposal Wall 7 becomes teal"


def test_it_lapses_by_the_clock_that_counts(proposal: Proposal, olga: User) -> None:
    assert proposals.lapse() == 0
    clock.jump(timedelta(days=proposals.DAYS, seconds=1).total_seconds())
    with pytest.raises(proposals.Lapsed):
        sign(proposal, olga)
    assert (proposals.lapse(), proposals.lapse()) == (1, 0)
    assert Proposal.objects.get().status == "lapsed"
    assert sentences(proposal)[1] == "Nobody signed in time what Adam Novak proposed: Wall 7 becomes teal"
    with pytest.raises(proposals.Lapsed):
        sign(proposal, olga)


def test_the_same_act_is_open_once(cast: Cast, proposal: Proposal, olga: User) -> None:
    with pytest.raises(proposals.AlreadyProposed) as raised:
        proposed(cast, by=olga)
    assert raised.value.proposal == proposal
    proposals.refuse(proposal.pk, by=olga, reason="Not this colour.")
    assert proposed(cast).pk != proposal.pk


def test_one_whose_time_is_over_does_not_stand_in_the_way(cast: Cast, proposal: Proposal) -> None:
    clock.jump(timedelta(days=proposals.DAYS, seconds=1).total_seconds())
    assert Proposal.objects.get().is_open  # no clock has come by
    assert proposed(cast).is_open
    assert Proposal.objects.get(pk=proposal.pk).status == "lapsed"


def test_what_is_not_there_cannot_be_proposed(cast: Cast) -> None:
    with pytest.raises(proposals.CannotPropose):
        proposed(cast, wall="8")
    with pytest.raises(acts.NoSuchAct):
        proposals.propose("test.burn", "7", told="Burn it", by=cast.adam)


def test_an_act_that_nobody_speaks_for_is_refused(
    proposal: Proposal, olga: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(acts._acts, "test.paint")
    with pytest.raises(proposals.NotAllowed):
        sign(proposal, olga)
    assert not acts.seen_by(olga).exists()


def test_an_act_that_cannot_be_done_is_not_signed(proposal: Proposal, olga: User, paint: Paint) -> None:
    paint.refuses = "There is no paint left."
    with pytest.raises(proposals.CannotCarryOut):
        sign(proposal, olga)
    assert Proposal.objects.get().is_open
    assert len(sentences(proposal)) == 1
    assert not Event.objects.filter(kind="group.joined", object_type="wall").exists()


def test_the_list_holds_what_one_may_sign(cast: Cast, proposal: Proposal, olga: User) -> None:
    assert list(acts.to_sign(olga)) == [proposal]
    assert not acts.to_sign(cast.adam).exists()
    assert not acts.to_sign(cast.rita).exists()
    assert list(acts.seen_by(cast.rita)) == [proposal]
    assert not acts.seen_by(cast.noah).exists()


@pytest.mark.parametrize(
    ("chosen", "wants"),
    [
        (None, [False, False, True]),
        ("high-risk", [False, False, True]),
        ("always", [True, True, True]),
        ("never", [False, False, False]),
        ("whenever", [True, True, True]),
    ],
)
def test_the_workspace_says_whether_publishing_wants_a_second_person(
    cast: Cast, chosen: str | None, wants: list[bool]
) -> None:
    if chosen:
        choices.write(proposals.SECOND_PERSON, chosen, actor=person(cast.adam))
        assert Event.objects.filter(kind="setting.changed").get().data["value"] == chosen
    assert [proposals.wants_second(risk) for risk in ("minimal", "limited", "high")] == wants
