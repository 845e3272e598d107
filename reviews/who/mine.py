"""What waits for one person, as conditions on the rows of reviews: for lists and badges."""

from dataclasses import dataclass

from django.db.models import Q

from audit.models import User
from orchestration.models import Workflow
from reviews.who import holders
from reviews.who.holders import Able, Holder
from reviews.who.seating import marks


@dataclass(frozen=True, slots=True)
class Acting:
    """Oneself, or somebody who is away and for whom one acts."""

    able: Able
    whom: Holder
    workflows: tuple[int, ...] | None = None  # of one who is away: where they may decide

    @property
    def asked(self) -> Q:
        """Reviews that are asked of them."""
        one = self.whom
        found = Q(asked_groups__overlap=sorted(one.groups)) | Q(asked_people__contains=[one.person])
        if one.skills:
            found |= Q(asked_skilled__overlap=sorted(marks(one.person, one.groups, one.skills)))
        return found if self.workflows is None else found & Q(workflow__in=self.workflows)


def workflows(user: User) -> list[int]:
    """Where somebody may decide at all."""
    return Workflow.objects.ids_allowed(user, "decide")


def acts_for(user: User) -> list[Acting]:
    """Oneself, and those who are away and for whom one acts. Asked once for each `User` in memory."""
    if not hasattr(user, "_acts_for"):
        user._acts_for = list(_acts_for(user))  # type: ignore[attr-defined]
    found: list[Acting] = user._acts_for  # type: ignore[attr-defined]
    return found


def _acts_for(user: User) -> list[Acting]:
    now = holders.here_now()
    own = Acting(now.able(user.pk), Holder(user.pk, frozenset(user.group_names), frozenset(user.skills)))
    if not (others := holders.stood_for(user.pk, now.away)):
        return [own]
    found = [own]
    for other in User.objects.filter(pk__in=others, is_active=True).prefetch_related("groups"):
        whom = Holder(other.pk, frozenset(group.pk for group in other.groups.all()), frozenset(other.skills))
        found.append(Acting(now.able(user.pk, other.pk), whom, tuple(Workflow.objects.ids_allowed(other, "decide"))))
    return found
