"""The editor on a large draft: how long the server takes over each kind of change."""

import json
from collections.abc import Callable
from functools import partial
from itertools import count, islice, pairwise
from typing import Any

from django.test import Client

from audit import garbage
from audit.actors import COMMAND
from orchestration import catalog, documents, drafts, templates
from orchestration.documents.outline import walk
from orchestration.models import Version, Workflow
from tests import cast as people
from tests.bench.figures import Figure, Sizes, typical
from tests.wiping import wipe

STEPS = 60
OPEN = "send_3"
SCRIPT = {"X-Editor": "1"}


def large(steps: int) -> str:
    """The sample's text with its steps again and again, each time under other keys."""
    text = templates.get("answer-a-customer").source
    begins = [text.index(f"  - key: {key}\n") for key in ("triage", "draft", "send", "outcome")]
    end = text.index("# Test cases run dry")
    own = [text[first:last] for first, last in pairwise(begins)]
    again = (part.replace("\n", f"_{n}\n", 1) for n in count(1) for part in own)
    return text[: begins[3]] + "".join(islice(again, steps - 4)) + text[begins[3] : end] + text[end:]


def editing(sizes: Sizes) -> list[Figure]:
    """A change of a field, of the order and of the text, and the page itself, with sixty steps."""
    garbage.settle_in()  # as the web process does, in whose place this one stands
    wipe()
    cast = people.assemble()
    catalog.bring_in_line(actor=COMMAND)
    workflow = Workflow.objects.get(slug="answer-a-customer")
    draft = drafts.draft_of(workflow, by=cast.adam)
    draft = drafts.save(draft.pk, large(STEPS), revision=draft.revision, by=cast.adam).draft
    keys = [placed.key for placed in walk(documents.sketch(draft.source).document)][:-1]
    assert len(keys) == STEPS - 1
    client = Client(SERVER_NAME="localhost")
    client.force_login(cast.adam)
    editor, numbers = f"/workflows/{workflow.slug}/draft/", count(1)

    def save(**fields: Any) -> None:
        answer = client.post(f"{editor}save/", {"step": OPEN, **fields}, headers=SCRIPT)
        assert answer["X-Editor"] == "200"

    def field() -> None:
        was = documents.sketch(Version.objects.get(pk=draft.pk).source)
        purpose = next(placed.spec["purpose"] for placed in walk(was.document) if placed.key == OPEN)
        save(field="purpose", purpose=f"Send it {next(numbers)}.", **{"was.purpose": json.dumps(purpose)})

    def move() -> None:
        save(do=f"down:{keys[next(numbers) % len(keys)]}")  # another one each time: no text comes again

    def text() -> None:
        now = Version.objects.get(pk=draft.pk)
        save(view="yaml", source=f"{now.source}# {next(numbers)}\n", revision=str(now.revision))

    acts: dict[str, Callable[[], object]] = {
        "field": field,
        "move": move,
        "text": text,
        "page": partial(client.get, f"{editor}?step={OPEN}"),
    }
    rows: list[Figure] = [("editor_size", len(draft.source) / 1024, "kB")]
    for name, act in acts.items():
        act()
        wall, cpu = typical(act)
        rows += [(f"editor_{name}", wall, "ms"), (f"editor_{name}_cpu", cpu, "CPU-ms")]
    return rows
