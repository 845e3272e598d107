"""The file itself: a short head that lists triggers and names what is needed, then the definition as it was written.

Both are YAML documents of one stream. What stands after the line that parts them is never written anew, so that
comments, line ends and a missing last line end come back byte for byte.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import yaml
from django.utils.translation import gettext as _
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from orchestration import documents
from orchestration.documents import LARGEST, BadDocument, Lines, Problem, Sketch
from orchestration.documents.loading import Unreadable, load
from orchestration.exchange import naming

FORM = 1
SUFFIX = ".handrail.yaml"
LARGEST_HEAD = 128 * 1024  # bytes
LARGEST_FILE = LARGEST_HEAD + LARGEST
MOST_TRIGGERS = 50
ABOUT = "# A workflow of Handrail. It is taken over under Workflows, Import, or by: manage.py workflow import\n"
PARTED = re.compile(r"^---[ \t]*(?:\r\n|\r|\n|\Z)", re.MULTILINE)
NAMES = {"type": "array", "items": {"type": "string", "maxLength": 200}, "maxItems": 2000}
SHAPE: dict[str, Any] = {
    "type": "object",
    "required": ["handrail"],
    "additionalProperties": False,
    "properties": {
        "handrail": {"type": "integer"},
        "triggers": {
            "type": "array",
            "maxItems": MOST_TRIGGERS,
            "items": {
                "type": "object",
                "required": ["kind", "name", "owner"],
                "additionalProperties": False,
                "properties": {
                    "kind": {"type": "string", "pattern": r"^[a-z][a-z0-9_-]{0,19}(?![\s\S])"},
                    "name": {"type": "string", "minLength": 1, "maxLength": 120},
                    "owner": {"type": "string", "maxLength": 150},
                    "follows": {"type": "string", "maxLength": 80},
                    "config": {"type": "object"},
                },
            },
        },
        "needs": {"type": "object", "additionalProperties": NAMES},
    },
}
VALIDATOR = Draft202012Validator(SHAPE)


class Described(NamedTuple):
    """A trigger as the file has it. `owner` is a login, `follows` the slug of the workflow whose ends it waits for."""

    kind: str
    name: str
    owner: str
    config: dict[str, Any]
    follows: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Sent:
    """A file that can be taken over: the definition's text, what it is, and its triggers.

    `problems` are those that do not keep it from being a draft. Lines are those of the file.
    """

    source: str
    document: dict[str, Any]
    triggers: list[Described] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def slug(self) -> str:
        """What the workflow is called in addresses where it comes from."""
        return str(self.document["slug"])


class _Plain(yaml.SafeDumper):
    """The same value twice is written twice: anchors are not read here."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def write(source: str, triggers: Sequence[Described]) -> bytes:
    """The file of a definition and its triggers. The same workflow gives the same bytes, wherever it stands."""
    head: dict[str, Any] = {"handrail": FORM}
    if described := sorted((_entry(trigger) for trigger in triggers), key=_dumped):
        head["triggers"] = described
    if needs := naming.needs(source, triggers):
        head["needs"] = needs
    return f"{ABOUT}{_dumped(head)}---\n{source}".encode()


def _entry(trigger: Described) -> dict[str, Any]:
    entry: dict[str, Any] = {"kind": trigger.kind, "name": trigger.name, "owner": trigger.owner}
    if trigger.follows:
        entry["follows"] = trigger.follows
    return entry | ({"config": trigger.config} if trigger.config else {})


def _dumped(value: Any) -> str:
    return str(yaml.dump(value, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=120))


def read(raw: bytes | str) -> Sent:
    """What a file holds, or `BadDocument` with every problem and its line."""
    text = _text(raw)
    parted = PARTED.search(text)
    if parted is None:
        raise BadDocument([Problem(_missing_head(), line=1)])
    head, source = text[: parted.start()], text[parted.end() :]
    above = len(re.findall(r"\r\n|\r|\n", text[: parted.end()]))
    triggers = _head(head)
    try:
        sketch = documents.sketch(source)
    except BadDocument as error:
        raise BadDocument(_further_down(error.problems, above)) from None
    return Sent(source, sketch.document, triggers, _all_problems(sketch, above))


def _text(raw: bytes | str) -> str:
    size = len(raw) if isinstance(raw, bytes) else len(raw.encode("utf-8", "replace"))
    if size > LARGEST_FILE:
        raise BadDocument([Problem(_("The file is larger than %d kB.") % (LARGEST_FILE // 1024), line=1)])
    if isinstance(raw, str):
        return raw
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        told = _("The file is no text in UTF-8.")
        raise BadDocument([Problem(told, line=raw.count(b"\n", 0, error.start) + 1)]) from error


def _missing_head() -> str:
    return _(
        "This is no file of an exported workflow: it begins with a head that says “handrail: 1”, and a line “---” "
        "parts that from the definition."
    )


def _head(head: str) -> list[Described]:
    if len(head.encode("utf-8", "replace")) > LARGEST_HEAD:
        raise BadDocument([Problem(_("The head of the file is larger than %d kB.") % (LARGEST_HEAD // 1024), line=1)])
    try:
        value, lines, _node = load(head)
    except Unreadable as error:
        told = _("The head of the file is not YAML that can be read: %s") % error.told
        raise BadDocument([Problem(told, line=error.line)]) from error
    except RecursionError as error:
        raise BadDocument([Problem(_("The head of the file is nested too deeply to be read."), line=1)]) from error
    if not isinstance(value, dict) or "handrail" not in value:
        raise BadDocument([Problem(_missing_head(), line=1)])
    if value["handrail"] != FORM or value["handrail"] is True:
        said = {"form": str(value["handrail"])[:20], "known": FORM}
        told = _("The file has the form %(form)s, and here only the form %(known)d can be read.") % said
        raise BadDocument([Problem(told, ("handrail",), line=lines.of(("handrail",)))])
    if found := [_told(error, lines) for error in VALIDATOR.iter_errors(value)][:20]:
        raise BadDocument(found)
    return [
        Described(
            each["kind"],
            each["name"],
            each["owner"],
            each.get("config", {}),
            each.get("follows", ""),
            lines.of(("triggers", place)),
        )
        for place, each in enumerate(value.get("triggers", []))
    ]


def _told(error: ValidationError, lines: Lines) -> Problem:
    path = tuple(error.absolute_path)
    where = ".".join(map(str, path)) or _("The head")
    return Problem(error.message[:200], path, where=where, line=lines.of(path))


def _all_problems(sketch: Sketch, above: int) -> list[Problem]:
    return list(_further_down(sketch.problems, above))


def _further_down(problems: Sequence[Problem], above: int) -> Iterator[Problem]:
    """The same problems at their lines in the file, where the head stands above the definition."""
    return (replace(problem, line=problem.line + above if problem.line else 0) for problem in problems)
