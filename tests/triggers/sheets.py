"""Files of rows, the workflow that takes them, and an upload brought as far as a test needs it."""

from typing import Any

from orchestration.batches import keeping, pieces, receiving
from orchestration.batches.mapping import Mapping
from orchestration.models import Upload, Workflow
from tests.cast import Cast
from tests.flow import drawn

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "n": {"type": "integer", "minimum": 0},
        "name": {"type": "string", "title": "Customer name", "maxLength": 20},
        "day": {"type": "string", "format": "date"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "urgent": {"type": "boolean"},
    },
    "required": ["n"],
}
PEOPLE = b"N,Customer name,Day,Tags,Urgent\n1,Ines,2026-11-22,a;b,yes\n2,Ada,22.11.2026,,no\n"


def counted(cast: Cast, slug: str = "counted", **more: Any) -> Workflow:
    """A workflow of one quick step that takes numbers."""
    given = {"input": SCHEMA, "title": "'Number ' + string(input.n)", **more}
    return drawn.publish(cast, drawn.step("say"), slug=slug, **given)


def numbers(rows: int, first: int = 0) -> bytes:
    """A file of so many rows, each with a number of its own."""
    return "".join(["n\n", *(f"{first + number}\n" for number in range(rows))]).encode()


def sent(cast: Cast, data: bytes, workflow: Workflow | None = None, name: str = "rows.csv") -> Upload:
    """A file that Adam sent."""
    return receiving.receive(workflow or counted(cast), name, data, by=cast.adam)


def checked(cast: Cast, data: bytes, workflow: Workflow | None = None, mapping: Mapping | None = None) -> Upload:
    """The same, looked through."""
    upload = sent(cast, data, workflow)
    keeping.look_through(upload.pk, upload.mapping if mapping is None else mapping, by=cast.adam)
    while pieces.piece(upload.pk):
        pass
    return Upload.objects.get(pk=upload.pk)


def begun(cast: Cast, data: bytes, workflow: Workflow | None = None) -> Upload:
    """The same, with its rows let go; none has started anything yet."""
    upload = checked(cast, data, workflow)
    keeping.start(upload.pk, upload.rows.filter(result="", fits=True).count(), by=cast.adam)
    return Upload.objects.get(pk=upload.pk)


def all_pieces(upload: Upload) -> Upload:
    """The upload, once nothing more happens by itself."""
    while pieces.piece(upload.pk):
        pass
    return Upload.objects.get(pk=upload.pk)
