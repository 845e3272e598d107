"""Work that was sent back: what a step comes to whose reviewer did so."""

import json
from typing import Any

from django.utils.translation import gettext as _

from audit.models import Event
from orchestration.executors.points import at, decision, place
from orchestration.executors.task import Task
from orchestration.outcomes import Failed, SentBack
from orchestration.ways import BACK_TO, SENT_BACK, TO


def sent_back(task: Task) -> SentBack | Failed | None:
    """What a step comes to whose work was sent back, where the record holds that; None where it was not."""
    answer, held = decision(task), task.held
    if answer is None or answer["verdict"] != SENT_BACK:
        return None
    told = Event.objects.filter(event_id=answer["receipt"], run_id=held.run_id, kind=f"review.{SENT_BACK}").first()
    body: dict[str, Any] = json.loads(told.body) if told is not None else {}
    if body.get(BACK_TO) != answer[TO] or place(body) != at(held):
        return Failed(_("The record does not hold that this was sent back, so nothing was done."), code="refused")
    said = {"by": answer.get("by"), "note": answer.get("reason", ""), "from": task.step.key}
    return SentBack({"verdict": SENT_BACK, TO: answer[TO]}, to=answer[TO], told=said)
