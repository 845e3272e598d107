"""What a second person signs: the list, one proposal with exactly what would be signed, and the answer to it."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from audit import acts, newcomers, proposals
from audit.access import in_person
from audit.canonical import clean
from audit.models import Proposal, User
from audit.pages import page
from audit.states import ProposalStatus
from audit.templatetags import figures

LONGEST = 2000  # characters of a reason
FORBIDDEN, CONFLICT, UNPROCESSABLE = 403, 409, 422
SIGN, MINE, CLOSED = "sign", "mine", "closed"
LISTS = {SIGN: gettext_lazy("To sign"), MINE: gettext_lazy("Mine"), CLOSED: gettext_lazy("Closed")}


class SeeOther(HttpResponseRedirect):
    """What was sent is done: go and look."""

    status_code = 303


@require_safe
def every(request: HttpRequest) -> HttpResponse:
    """What waits for one's signature; what one proposed; what is closed."""
    user = cast(User, request.user)
    which = request.GET.get("list", "")
    which = which if which in LISTS else SIGN
    found = _listed(user, which)
    context = {
        "page": page(request.GET, lambda *place: _rows(found, *place), lambda row: row.proposal.pk),
        "which": which,
        "lists": LISTS.items(),
    }
    return render(request, "audit/proposals.html", context)


def _listed(user: User, which: str) -> QuerySet[Proposal]:
    if which == SIGN:
        return acts.to_sign(user)
    seen = acts.seen_by(user)
    return seen.filter(proposer=user) if which == MINE else seen.exclude(status=ProposalStatus.OPEN)


class Row:
    """One line of the list."""

    def __init__(self, proposal: Proposal) -> None:
        self.proposal = proposal
        self.called = acts.get(proposal.act).called()


def _rows(found: QuerySet[Proposal], before: int | None, after: int | None, limit: int) -> list[Row]:
    if after is not None:
        found = found.filter(pk__gt=after).order_by("pk")
    else:
        found = (found.filter(pk__lt=before) if before is not None else found).order_by("-pk")
    return [Row(proposal) for proposal in found[:limit]]


@require_safe
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """What is proposed, by whom and until when, and exactly what would be signed."""
    return _shown(request, get_object_or_404(acts.seen_by(cast(User, request.user)), pk=pk))


@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign, refuse or withdraw it, in person."""
    user = in_person(request)
    proposal = get_object_or_404(acts.seen_by(user), pk=pk)
    written = request.POST.get("reason", "").replace("\r\n", "\n")
    given, reason = request.POST.get("answer", ""), clean(written[:LONGEST])[0]
    shown_hash = request.POST.get("shown_hash", "")[:64]
    verbs: dict[str, tuple[Callable[[], Proposal], str]] = {
        "sign": (
            lambda: proposals.countersign(pk, by=user, shown_hash=shown_hash, reason=reason),
            _("Signed, and done: %s"),
        ),
        "refuse": (lambda: proposals.refuse(pk, by=user, reason=reason), _("Refused: %s")),
        "withdraw": (lambda: proposals.withdraw(pk, by=user, reason=reason), _("Withdrawn: %s")),
    }
    if given not in verbs:
        told = _("The form does not say whether you sign or refuse. Nothing was changed.")
        return _shown(request, proposal, UNPROCESSABLE, refused=told)
    verb, done = verbs[given]
    try:
        verb()
    except proposals.CannotSign as error:
        return _refuse(request, pk, error)
    messages.success(request, done % proposal.told)
    return SeeOther(reverse("proposal", args=[pk], query={"done": "1"}))


def _refuse(request: HttpRequest, pk: int, error: proposals.CannotSign) -> HttpResponse:
    """The page as it is now: why nothing was changed, with the words that were written."""
    proposal = get_object_or_404(acts.seen_by(cast(User, request.user)), pk=pk)
    match error:
        case proposals.NotAllowed():
            if not isinstance(error, proposals.OwnProposal | proposals.Barred | proposals.TooNew):
                raise PermissionDenied from error
            return _shown(request, proposal, FORBIDDEN)
        case proposals.ReasonNeeded():
            return _shown(request, proposal, UNPROCESSABLE, reason_problem=True)
        case proposals.Lapsed():
            told = _("Its time was over on %(at)s, before you sent this. Nothing was changed by you.")
            return _shown(request, proposal, CONFLICT, refused=told % {"at": figures.stamp(proposal.until)})
        case proposals.Closed():
            told = _("%(who)s was first: %(what)s on %(at)s. Nothing was changed by you.")
            return _shown(request, proposal, CONFLICT, refused=told % closed(proposal))
        case proposals.Stale():
            told = _("This is not what would be signed now. Nothing was signed: read what differs, below.")
            return _shown(request, proposal, CONFLICT, refused=told, changed=error.changed)
    return _shown(request, proposal, CONFLICT, refused=_("%s Nothing was signed.") % error)


def closed(proposal: Proposal) -> dict[str, str]:
    """Who closed it, how and when, in words."""
    who = proposal.signer or (proposal.proposer if proposal.status == ProposalStatus.WITHDRAWN else None)
    at = figures.stamp(proposal.closed_at) if proposal.closed_at else ""
    return {"who": str(who or _("The clock")), "what": str(proposal.get_status_display()), "at": at}


def _shown(request: HttpRequest, proposal: Proposal, status: int = 200, **more: Any) -> HttpResponse:
    user = cast(User, request.user)
    act = acts.get(proposal.act)
    standing = proposals.stands(act, proposal.object_id) if proposal.is_open else None
    changed = proposals.changes(proposal, standing) if proposal.is_open else []
    context = {
        "proposal": proposal,
        "called": act.called(),
        "follows": act.follows(),
        "address": act.address(proposal),
        "closed": closed(proposal) if not proposal.is_open else None,
        "changed": changed,
        "stale": bool(changed),
        "why_not": _why_not(proposal, user, act, standing),
        "mine": proposal.proposer_id == user.pk,
        "longest": LONGEST,
        "reason": request.POST.get("reason", "")[:LONGEST],
        "kept": "done" in request.GET,
        **more,
    }
    return render(request, "audit/proposal.html", context, status=status)


def _why_not(proposal: Proposal, user: User, act: acts.Act, standing: acts.Standing | None) -> str:
    """Why this person cannot be the second one; "" for whoever can."""
    try:
        proposals.check(proposal, user, act, standing)
    except proposals.OwnProposal:
        return _("You proposed this, so somebody else signs it. You can withdraw it.")
    except proposals.Barred:
        return _("You were the last to edit this, so somebody else signs it.")
    except proposals.TooNew:
        told = _(
            "Who proposed or last edited this let you in, or you them, less than %d days ago, "
            "so somebody else signs it."
        )
        return told % newcomers.DAYS
    except proposals.NotAllowed:
        return _("You may look at this, and you may not sign it.")
    return ""
