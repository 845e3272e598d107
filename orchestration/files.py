"""Files: kept once under the SHA-256 of their bytes, and named by a reference in a run's input or a step's output.

A reference by itself opens nothing: `read` gives a run only the files that were attached to it.
"""

import hashlib
import re
from collections.abc import Collection, Iterable
from pathlib import PurePosixPath
from typing import IO, Any

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from audit.templatetags.visible import hides
from orchestration import contents
from orchestration.contents import ContentLost
from orchestration.models import File, Run

LARGEST = 20 * 1024 * 1024  # bytes
LONGEST_NAME = 200
MARK = "$file"
UNKNOWN = "application/octet-stream"
MEDIA_TYPES = {
    ".csv": "text/csv",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".eml": "message/rfc822",
    ".gif": "image/gif",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".json": "application/json",
    ".md": "text/markdown",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".txt": "text/plain",
    ".webp": "image/webp",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xml": "application/xml",
    ".zip": "application/zip",
}
_EXTENSION = re.compile(r"\.[a-z0-9]{1,12}")

type Reference = dict[str, Any]
type Problems = list[tuple[str, str]]


class FileRefused(ValueError):
    """The file cannot be taken: a sentence says why."""


def clean_name(name: str) -> str:
    """The last part of a name, without what hides or what some system cannot bear; never empty."""
    last = name.replace("\\", "/").rpartition("/")[2]
    shown = "".join(" " if char.isspace() else char for char in last if char.isspace() or not hides(char))
    cleaned = re.sub(r'[<>:"|?*]', "_", " ".join(shown.split())).strip(". ")
    stem, extension = cleaned[: -len(suffix)] if (suffix := _suffix(cleaned)) else cleaned, suffix
    return f"{stem[: LONGEST_NAME - len(extension)]}{extension}" or "file"


def _suffix(name: str) -> str:
    suffix = PurePosixPath(name).suffix
    return suffix if len(suffix) < LONGEST_NAME // 2 else ""


def media_type(name: str) -> str:
    """By the extension alone: what a sender says of a file, or what its bytes seem to be, is not believed."""
    return MEDIA_TYPES.get(_suffix(name).lower(), UNKNOWN)


def reference(name: str, digest: str, size: int) -> Reference:
    """What stands for a file in JSON."""
    name = clean_name(name)
    return {MARK: digest, "name": name, "media_type": media_type(name), "size": size}


def is_reference(value: Any) -> bool:
    """Whether a value has the shape of a reference to a file."""
    return (
        isinstance(value, dict)
        and value.keys() == {MARK, "name", "media_type", "size"}
        and all(isinstance(value[name], str) for name in (MARK, "name", "media_type"))
        and type(value["size"]) is int
    )


def store(name: str, content: bytes | IO[bytes]) -> Reference:
    """Keep a file, and its reference. It belongs to a run only once it is attached to one."""
    data = content if isinstance(content, bytes) else content.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise FileRefused(_("The file is larger than %s.") % filesizeformat(LARGEST))
    digest = hashlib.sha256(data).hexdigest()
    contents.put({digest: data}, UNKNOWN)
    return reference(name, digest, len(data))


def attach(run: Run, references: Iterable[Reference]) -> None:
    """Make stored files files of a run."""
    rows = [File(run=run, content_id=found[MARK], name=found["name"]) for found in references]
    File.objects.bulk_create(rows, ignore_conflicts=True)


def of(run: Run) -> list[Reference]:
    """The files of a run: what one that takes over from it, or that it starts, may name and has to attach."""
    rows = File.objects.filter(run=run).order_by("id").values_list("name", "content_id", "content__size")
    return [reference(*row) for row in rows]


def hand_on(given: Any, *, of_run: Run, to: Run) -> None:
    """Attach to a run those files of another that its input names: of the run that started it or that it restarts."""
    named = within(given)
    if not named:
        return
    attach(to, [found for found in of(of_run) if found in named])


def read(reference: Reference, run: Run) -> bytes:
    """The bytes of a file of this run; or `ContentLost`, also when the file is another run's."""
    digest = reference[MARK]
    if not File.objects.filter(run=run, content=digest).exists():
        raise ContentLost(f"Run {run.pk} has no file {digest}.")
    return contents.take({digest})[digest]


def read_all(value: Any, run: Run) -> dict[str, bytes]:
    """The bytes of those files of this run that a value names, by their digests: at most two queries."""
    named = {found[MARK] for found in within(value) if is_reference(found)}
    own = set(File.objects.filter(run=run, content__in=named).values_list("content_id", flat=True)) if named else set()
    return contents.take(own) if own else {}


def within(value: Any) -> list[Reference]:
    """Every object in a value that names a file, well-formed or not, each once."""
    found: list[Reference] = []
    left = [value]
    while left:
        item = left.pop()
        if isinstance(item, dict):
            if MARK in item and item not in found:
                found.append(item)
            left.extend(item.values())
        elif isinstance(item, list | tuple):
            left.extend(item)
    return found


def is_file(spec: Any) -> bool:
    """Whether a property of a JSON schema is a file."""
    return isinstance(spec, dict) and spec.get("type") == "object" and spec.get("format") == "file"


def problems(schema: dict[str, Any], given: dict[str, Any], known: Collection[Reference] = ()) -> Problems:
    """Where an input names a file that did not come with it, or lacks one where its schema wants one.

    `known` are the files that did come: this very upload's, or those of the run that hands the input on.
    """
    specs = schema.get("properties", {})
    found: Problems = []
    for name, value in given.items():
        if is_file(spec := specs.get(name)):
            found += [(name, told) for told in _unfit(spec, value, known)]
        elif any(inside not in known for inside in within(value)):
            found.append((name, _("It names a file that was not sent with it.")))
    return found


def _unfit(spec: dict[str, Any], value: Any, known: Collection[Reference]) -> list[str]:
    if not is_reference(value):
        return [_("This is no file.")]
    if value not in known:
        return [_("It names a file that was not sent with it.")]
    return unwanted(spec, value["name"], value["size"])


def unwanted(spec: dict[str, Any], name: str, size: int) -> list[str]:
    """Why a file of that name and size is not one that the property takes: no sentence when it is."""
    told = []
    if size > largest(spec):
        told.append(_("The file is larger than %s.") % filesizeformat(largest(spec)))
    accepted = accept(spec)
    if accepted and _suffix(name).lower() not in accepted:
        told.append(_("Only these are taken: %s.") % ", ".join(accepted))
    return told


def largest(spec: dict[str, Any]) -> int:
    """How many bytes the property takes at most."""
    return min(int(spec.get("maxSize", LARGEST)), LARGEST)


def accept(spec: dict[str, Any]) -> list[str]:
    """The extensions that the property takes; none named, all."""
    return [extension.lower() for extension in spec.get("accept", [])]


def schema_problems(schema: dict[str, Any]) -> list[str]:
    """What is wrong with the files of an input schema, one sentence each: for publishing."""
    found = []
    for name, spec in schema.get("properties", {}).items():
        if not is_file(spec):
            continue
        accepted, most = spec.get("accept", []), spec.get("maxSize", LARGEST)
        if not isinstance(accepted, list) or not all(_EXTENSION.fullmatch(str(one).lower()) for one in accepted):
            found.append(f"The input's {name}: accept is a list of extensions, such as .pdf.")
        if type(most) is not int or not 0 < most <= LARGEST:
            found.append(f"The input's {name}: maxSize is a number of bytes, at most {LARGEST}.")
    return found
