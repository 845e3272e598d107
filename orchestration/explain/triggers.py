"""What a trigger does, in plain sentences."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from orchestration.models import Trigger
from orchestration.states import RunStatus
from orchestration.triggers import chains, schedules
from orchestration.triggers.kinds import API, OUTCOME, SCHEDULE, UPLOAD, WEBHOOK


def sentences(trigger: Trigger) -> list[str]:
    """When a run starts, and what happens with what cannot start one."""
    tellers = {SCHEDULE: _schedule, WEBHOOK: _webhook, OUTCOME: _outcome, API: _api, UPLOAD: _upload}
    if trigger.kind not in tellers:
        return [_("It starts runs of %s by itself.") % trigger.workflow.name]
    return list(tellers[trigger.kind](trigger))


def _schedule(trigger: Trigger) -> Iterator[str]:
    config = trigger.config
    told = {"when": schedules.in_words(config["cron"]), "zone": config["zone"]}
    yield _("A run starts by the schedule: %(when)s, in the time of %(zone)s.") % told
    yield {
        schedules.SKIP: _("What is missed while Handrail stands still is skipped, and written down."),
        schedules.ONE: _("If moments were missed while Handrail stood still, one run makes up for all of them."),
        schedules.ALL: _("Each moment that was missed while Handrail stood still is made up, up to the newest %d.")
        % schedules.MOST_MADE_UP,
    }[config["missed"]]


def _webhook(trigger: Trigger) -> Iterator[str]:
    yield _("A run starts for each signed message to its address, once.")
    yield _("At most %d messages a minute are taken.") % trigger.config["per_minute"]


def _outcome(trigger: Trigger) -> Iterator[str]:
    source = trigger.source.name if trigger.source else ""
    ends, outcome = trigger.config["ends"], trigger.config["outcome"]
    if outcome:
        yield _("A run starts when a run of %(source)s ends with the outcome “%(outcome)s”.") % {
            "source": source,
            "outcome": outcome,
        }
    elif ends == chains.ANY:
        yield _("A run starts when a run of %s ends, however it ends.") % source
    else:
        words = {
            RunStatus.DONE: _("A run starts when a run of %s is done."),
            RunStatus.FAILED: _("A run starts when a run of %s fails."),
            RunStatus.CANCELLED: _("A run starts when a run of %s is cancelled."),
        }
        yield words[RunStatus(ends)] % source
    yield _("Each ended run counts once. Runs that start one another so stop after a few.")


def _api(trigger: Trigger) -> Iterator[str]:
    yield _("A program starts a run with a token, and reads what becomes of it.")
    yield _("Its run counts as started by the token's owner, who must be allowed to start it at that moment.")


def _upload(trigger: Trigger) -> Iterator[str]:
    yield _("A run starts for each row of a file that %s sends, once.") % trigger.owner
    yield _("While it is paused no row starts anything; the rows wait.")
