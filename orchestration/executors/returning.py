"""What was sent back comes again: what whoever writes it anew is told, and who is asked about it."""

from typing import Any

from orchestration import fences
from orchestration.contents import open_up
from orchestration.executors.history import text_of
from orchestration.executors.task import Task
from orchestration.models import StepRun
from orchestration.ways import SENT_BACK

NOTE = "A person has read your answer and sends it back. Write it again, and do what they ask for:"
BY = "sent_back_by"  # in a question: who sent the last one back, so that the new one comes to them


def messages(task: Task) -> list[dict[str, Any]]:
    """What a model is told after its first messages where its work was sent back: its former answer, and the note."""
    returned = task.held.returned
    if returned is None:
        return []
    before, note = open_up(returned.get("before")), str(returned.get("note", ""))
    said = [{"role": "assistant", "content": text_of(before)}] if isinstance(before, dict) else []
    fenced = fences.fenced("note", NOTE, note)
    return [*said, {"role": "user", "content": fenced}]


def with_sender(held: StepRun, asked: dict[str, Any]) -> dict[str, Any]:
    """A question with who sent the last one of the same step back, where somebody did. No query where nobody did."""
    if not held.again:
        return asked
    before = StepRun.objects.filter(run=held.run_id, step=held.step_id, frame=held.frame, superseded_at__isnull=False)
    last = before.filter(answer__verdict=SENT_BACK).order_by("-again").values_list("answer", flat=True).first()
    return {**asked, BY: last["by"]} if last is not None and last.get("by") else asked
