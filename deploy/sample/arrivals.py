"""Questions keep arriving: the clock starts a run for the next one, a few a minute."""

import logging

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from audit import choices
from audit.actors import CLOCK, Actor
from audit.ticks import tick
from deploy.sample import feed
from orchestration import engine
from orchestration.models import Run, Trigger
from orchestration.starts import BadInput, CannotStart
from orchestration.states import TriggerStatus

SWITCH = "arrivals-on"
EVERY = 15  # seconds
MOST_WAITING = 60

logger = logging.getLogger("arrivals")

choices.declare(
    SWITCH,
    _("Sample questions keep arriving"),
    _("A few a minute, until this is switched off or 60 runs wait."),
    default=True,
)


@tick("sample arrivals", every=EVERY)
def arrive() -> None:
    """Let the next question in, unless arrivals are off or enough wait."""
    if choices.read(SWITCH, True):
        let_in(1, actor=CLOCK)


@transaction.atomic
def let_in(count: int, *, actor: Actor) -> list[Run]:
    """Start up to `count` runs, as long as fewer than 60 of the feed's are under way."""
    trigger = (
        Trigger.objects.select_for_update(of=("self",))
        .select_related("workflow", "owner")
        .filter(kind=feed.KIND, name=feed.NAME, status=TriggerStatus.ACTIVE)
        .first()
    )
    if trigger is None:
        return []
    room = MOST_WAITING - Run.objects.live().filter(trigger=trigger).count()
    started = [_start(trigger, trigger.place + step, actor) for step in range(min(count, room))]
    if started:
        trigger.advance(len(started))
    return [run for run in started if run]


def _start(trigger: Trigger, place: int, actor: Actor) -> Run | None:
    """The run of one entry; an entry that the workflow does not take is passed over."""
    acting = actor.acting_for("person", trigger.owner_id)
    try:
        given = feed.entry(place)
        return engine.start(trigger.workflow, given, actor=acting, started_by=trigger.owner, trigger=trigger)
    except (BadInput, CannotStart) as error:
        logger.warning("Entry %s of the feed was passed over: %s", place, error)
        return None
