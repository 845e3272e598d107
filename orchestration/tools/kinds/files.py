"""Files of one folder: read, list, write, move, and put back what one held before. Whatever is written is kept.

The connection names a folder of the settings as `folder` in its options; a declaration's `own` is
`{"operation": "write"}`. `DECLARATIONS` are those that there are.
"""

import os
import stat
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orchestration.tools.kinds import folders, versions
from orchestration.tools.kinds.shapes import Declared, Misdeclared, own_of
from orchestration.tools.kinds.versions import Versions
from orchestration.tools.tool import ToolFailed

LARGEST = 5 * 1024 * 1024  # bytes of a file
MOST = 1000  # entries of a list
PATH: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": folders.LONGEST}
READS = ("read", "list", "versions")


def _declaration(operation: str, title: str, required: list[str], **properties: Any) -> dict[str, Any]:
    arguments = {"type": "object", "additionalProperties": False, "required": required, "properties": properties}
    own = {"operation": operation}
    return {"name": operation, "title": title, "description": title, "arguments": arguments, "result": None, "own": own}


TEXT: dict[str, Any] = {"type": "string", "maxLength": LARGEST}
DECLARATIONS = {
    told["name"]: told
    for told in (
        _declaration("read", "Read a text file", ["path"], path=PATH),
        _declaration("list", "List a folder", [], path={**PATH, "minLength": 0}),
        _declaration("write", "Write a text file", ["path", "text"], path=PATH, text=TEXT),
        _declaration("move", "Move a file to where there is none", ["path", "to"], path=PATH, to=PATH),
        _declaration("versions", "List what a file held before", ["path"], path=PATH),
        _declaration(
            "put_back",
            "Put back what a file held before",
            ["path", "version"],
            path=PATH,
            version={"type": "integer", "minimum": 1},
        ),
    )
}
EFFECTS = {
    "read": gettext_lazy("It reads %(path)s."),
    "list": gettext_lazy("It lists what lies in %(path)s."),
    "versions": gettext_lazy("It lists what %(path)s held before."),
    "write": gettext_lazy("It writes %(path)s. What the file held before is kept."),
    "move": gettext_lazy("It moves %(path)s to %(to)s."),
    "put_back": gettext_lazy("It puts back what %(path)s held as version %(version)s. What it holds now is kept."),
}


def call(declared: Declared, arguments: dict[str, Any], key: str) -> dict[str, Any]:
    """Do it once; under the same key a second time finds it done. Raises `ToolFailed`."""
    operation = _operation(declared)
    try:
        if operation in READS:
            return READING[operation](declared, arguments)
        kept = Versions(str(declared.reach.options.get("folder")))
        folders.root_of(declared.reach.options.get("folder"))
        with kept.alone(declared.seconds):
            asked = [operation, arguments]
            done = kept.told(key, asked)
            return done or kept.tell(key, asked, CHANGING[operation](declared, kept, arguments, key))
    except OSError as error:
        told = _("%(name)s: the system refused: %(why)s.")
        raise ToolFailed(told % {"name": declared.name, "why": error.strerror}, retry=True) from None


def effects(declared: Declared, arguments: dict[str, Any]) -> list[str]:
    """What a call does, for the person who approves it."""
    told = {name: arguments.get(name, "") for name in ("path", "to", "version")}
    return [str(EFFECTS[_operation(declared)]) % told]


def problems(own: Mapping[str, Any], schema: Mapping[str, Any]) -> list[str]:
    """Why a declaration cannot be carried out, in sentences."""
    known = DECLARATIONS.get(str(own.get("operation")))
    if known is None:
        return [_("It names nothing that is done with files.")]
    apart = set(schema.get("properties") or {}) ^ set(known["arguments"]["properties"])
    return [_("%(name)s is no argument of this, or is missing.") % {"name": name} for name in sorted(apart)]


def _operation(declared: Declared) -> str:
    try:
        operation = str(own_of(declared).get("operation"))
    except Misdeclared as error:
        raise ToolFailed(f"{declared.name}: {error}", retry=False) from None
    if operation not in DECLARATIONS:
        raise ToolFailed(_("It names nothing that is done with files."), retry=False)
    return operation


def _steps(path: object) -> list[str]:
    """The steps to a file. Raises `ToolFailed`."""
    steps = folders.steps_of(path)
    if not steps:
        raise ToolFailed(_("This is the folder itself, and no file in it."), retry=False)
    return steps


def _root(declared: Declared) -> Any:
    return folders.root_of(declared.reach.options.get("folder"))


def _read(declared: Declared, arguments: dict[str, Any]) -> dict[str, Any]:
    steps = _steps(arguments["path"])
    with folders.opened(_root(declared), steps[:-1]) as handle:
        content = _content(handle, steps[-1], min(LARGEST, declared.result_bytes))
    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise ToolFailed(_("This file holds no text."), retry=False) from None
    named = {"path": "/".join(steps), "bytes": len(content), "sha256": versions.digest(content)}
    return {**named, "text": text.replace("\x00", "�")}


def _list(declared: Declared, arguments: dict[str, Any]) -> dict[str, Any]:
    steps = folders.steps_of(arguments.get("path", ""))
    found = []
    with folders.opened(_root(declared), steps) as handle:
        names = sorted(name for name in os.listdir(handle) if _is_shown(name))
        for name in names[:MOST]:
            about = os.stat(name, dir_fd=handle, follow_symlinks=False)
            if stat.S_ISDIR(about.st_mode):
                found.append({"name": name, "folder": True})
            elif stat.S_ISREG(about.st_mode):
                changed = datetime.fromtimestamp(int(about.st_mtime), UTC).isoformat()
                found.append({"name": name, "folder": False, "bytes": about.st_size, "changed": changed})
    return {"path": "/".join(steps), "entries": found, "more": len(names) > MOST}


def _is_shown(name: str) -> bool:
    return not name.startswith(".") and not folders.NO_STEP.search(name)


def _versions(declared: Declared, arguments: dict[str, Any]) -> dict[str, Any]:
    path = "/".join(_steps(arguments["path"]))
    _root(declared)
    kept = Versions(str(declared.reach.options.get("folder"))).of(path)
    shown = [{name: one[name] for name in ("version", "sha256", "bytes", "how", "at")} for one in kept[-MOST:]]
    return {"path": path, "versions": shown}


def _write(declared: Declared, kept: Versions, arguments: dict[str, Any], key: str) -> dict[str, Any]:
    try:
        content = str(arguments["text"]).encode()
    except UnicodeEncodeError:
        raise ToolFailed(_("The text holds characters that cannot be kept."), retry=False) from None
    return _put(declared, kept, arguments["path"], content, versions.WRITTEN, key)


def _put_back(declared: Declared, kept: Versions, arguments: dict[str, Any], key: str) -> dict[str, Any]:
    content = kept.content("/".join(_steps(arguments["path"])), int(arguments["version"]))
    return _put(declared, kept, arguments["path"], content, versions.PUT_BACK, key)


def _put(declared: Declared, kept: Versions, where: object, content: bytes, how: str, key: str) -> dict[str, Any]:
    """Let a file hold this. What it held is kept before, and what it holds after."""
    steps = _steps(where)
    path, name = "/".join(steps), steps[-1]
    if len(content) > LARGEST:
        raise ToolFailed(_("A file has at most %(most)d bytes.") % {"most": LARGEST}, retry=False)
    with folders.opened(_root(declared), steps[:-1], make=True) as handle:
        before, mode = _before(handle, name)
        if before is not None and before != content and not _is_last(kept, path, before):
            kept.add(path, before, versions.FOUND)
        if before != content:
            kept.keep(content)
            _replace(handle, name, content, mode, key)
    number = kept.add(path, content, how, key)
    return {"path": path, "version": number, "bytes": len(content), "sha256": versions.digest(content)}


def _is_last(kept: Versions, path: str, content: bytes) -> bool:
    known = kept.of(path)
    return bool(known) and known[-1]["sha256"] == versions.digest(content)


def _move(declared: Declared, kept: Versions, arguments: dict[str, Any], key: str) -> dict[str, Any]:
    """Move a file to where there is none. A second try finds it linked, moved, or still to be moved."""
    there, here, root = _steps(arguments["to"]), _steps(arguments["path"]), _root(declared)
    if here == there:
        raise ToolFailed(_("It lies there already. Nothing was moved."), retry=False)
    begun = kept.told(key, "begun")
    with folders.opened(root, here[:-1]) as out_of, folders.opened(root, there[:-1], make=True) as into:
        try:
            content = _content(out_of, here[-1], LARGEST)
        except ToolFailed:
            if not begun or _before(into, there[-1])[0] is None:
                raise
            content = _content(into, there[-1], LARGEST)
            if versions.digest(content) != begun["sha256"]:
                raise
        else:
            kept.tell(key, "begun", {"sha256": versions.digest(content)})
            _link(out_of, here[-1], into, there[-1])
            os.unlink(here[-1], dir_fd=out_of)
    kept.add("/".join(here), content, versions.FOUND)
    number = kept.add("/".join(there), content, versions.MOVED, key)
    return {"path": "/".join(there), "from": "/".join(here), "version": number, "bytes": len(content)}


def _link(out_of: int, name: str, into: int, called: str) -> None:
    try:
        os.link(name, called, src_dir_fd=out_of, dst_dir_fd=into, follow_symlinks=False)
    except FileExistsError:
        one = os.stat(name, dir_fd=out_of, follow_symlinks=False)
        other = os.stat(called, dir_fd=into, follow_symlinks=False)
        if (one.st_dev, one.st_ino) != (other.st_dev, other.st_ino):  # else a try before this one got as far
            raise ToolFailed(_("There is something of this name already. Nothing was moved."), retry=False) from None


def _before(handle: int, name: str) -> tuple[bytes | None, int]:
    """What a file holds, and its mode; None where there is none."""
    try:
        about = os.stat(name, dir_fd=handle, follow_symlinks=False)
    except FileNotFoundError:
        return None, 0o640
    return _content(handle, name, LARGEST), stat.S_IMODE(about.st_mode) & 0o777


def _content(handle: int, name: str, largest: int) -> bytes:
    with os.fdopen(folders.file_in(handle, name), "rb") as file:
        content = file.read(largest + 1)
    if len(content) > largest:
        raise ToolFailed(_("This file has more than %(most)d bytes.") % {"most": largest}, retry=False)
    return content


def _replace(handle: int, name: str, content: bytes, mode: int, key: str) -> None:
    """Put it there whole, or not at all."""
    unfinished = f".handrail-{versions.digest(key.encode())[:16]}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with suppress(FileNotFoundError):
        os.unlink(unfinished, dir_fd=handle)
    with os.fdopen(os.open(unfinished, flags, mode, dir_fd=handle), "wb") as file:
        file.write(content)
        file.flush()
        os.fchmod(file.fileno(), mode)
        os.fsync(file.fileno())
    os.rename(unfinished, name, src_dir_fd=handle, dst_dir_fd=handle)
    os.fsync(handle)


READING: dict[str, Callable[[Declared, dict[str, Any]], dict[str, Any]]] = {
    "read": _read,
    "list": _list,
    "versions": _versions,
}
CHANGING: dict[str, Callable[[Declared, Versions, dict[str, Any], str], dict[str, Any]]] = {
    "write": _write,
    "move": _move,
    "put_back": _put_back,
}
