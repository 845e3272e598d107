"""What a calendar is used by: workflows and drafts that name it, and questions whose time was reckoned by it."""

from collections.abc import Iterator

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from orchestration import documents
from orchestration.documents import BadDocument
from orchestration.documents.naming import SECTIONS
from orchestration.documents.outline import walk
from orchestration.explain.words import listed
from orchestration.models import Run, Step, Version
from orchestration.states import RUN_LIVE, VersionStatus
from reviews.models import Calendar, Review

MOST = 5  # workflows that a sentence names


def told(row: Calendar) -> str:
    """What uses it, in sentences; "" where nothing does."""
    names, questions = [*_published(row.slug), *_drafts(row.slug)], Review.objects.filter(calendar=row).count()
    sentences = []
    if names:
        more = [_("%d more") % (len(names) - MOST)] if len(names) > MOST else []
        named = listed([*names[:MOST], *more])
        sentences.append(_("It is named by %s: name another calendar there first.") % named)
    if questions:
        reckoned = ngettext(
            "The time of %d question was reckoned by it, which stays so.",
            "The time of %d questions was reckoned by it, which stays so.",
            questions,
        )
        sentences.append(reckoned % questions)
    return " ".join([_("It cannot be deleted."), *sentences]) if sentences else ""


def _published(slug: str) -> list[str]:
    """The workflows that name it in a version that is published, or that runs are still under way with."""
    named = Q()
    for section in SECTIONS:
        named |= Q(**{f"spec__{section}__hours": slug})
    steps = Step.objects.filter(named, version=OuterRef("pk"))
    lives = Run.objects.filter(version=OuterRef("pk"), status__in=RUN_LIVE)
    found = Version.objects.filter(Exists(steps)).filter(Q(status=VersionStatus.PUBLISHED) | Exists(lives))
    return list(found.order_by("workflow__name").values_list("workflow__name", flat=True).distinct())


def _drafts(slug: str) -> Iterator[str]:
    found = Version.objects.filter(status=VersionStatus.DRAFT, source__contains=slug).select_related("workflow")
    for draft in found.order_by("workflow__name"):
        if _names(draft.source, slug):
            yield _("the draft of %s") % draft.workflow.name


def _names(source: str, slug: str) -> bool:
    """Whether a draft names it; of one that cannot be read, whether it may."""
    try:
        placed = list(walk(documents.sketch(source).document))
    except BadDocument:
        return True
    sections = (one.spec.get(section) for one in placed for section in SECTIONS)
    return any(isinstance(review, dict) and review.get("hours") == slug for review in sections)
