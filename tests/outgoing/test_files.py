"""Tools of kind files: nothing outside the folder, nothing lost, nothing done twice."""

import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from orchestration.tools.kinds import files, folders, versions
from orchestration.tools.tool import ToolFailed
from tests.outgoing.declared import tool

OUTSIDE = [
    "../secret", "..", "a/../../secret", "/etc/passwd", "//etc/passwd", "a//b", "./a", "a/.", "a/..", ".hidden",
    "a/.hidden", "a\\..\\b", "a\x00b", "a\nb", "\ud800", "x" * 256, "ä" * 200, "a/" * 21 + "a", "x/" * 501, "", ".",
    "~/x/../y", "a/./b",
]  # fmt: skip


@pytest.fixture
def root(tmp_path: Path, settings: Any) -> Path:
    folder = tmp_path / "letters"
    folder.mkdir()
    (tmp_path / "secret").write_text("not yours")
    settings.HANDRAIL_HOME = tmp_path / "home"
    settings.HANDRAIL_FOLDERS = {"letters": folder, "too near": tmp_path / "home" / "secrets", "too far": tmp_path}
    return folder


def do(operation: str, key: str = "run-1-1", folder: str = "letters", **arguments: Any) -> dict[str, Any]:
    one = tool({"operation": operation}, options={"folder": folder}, seconds=2, result_bytes=100_000)
    assert files.problems({"operation": operation}, files.DECLARATIONS[operation]["arguments"]) == []
    return files.call(one, arguments, key)


def test_what_is_written_is_read_listed_and_kept(root: Path) -> None:
    assert do("write", path="2026/ines.txt", text="Dear Ines")["version"] == 1
    assert do("write", "run-1-2", path="2026/ines.txt", text="Dear Inês")["version"] == 2
    assert do("read", path="2026/ines.txt")["text"] == "Dear Inês"
    assert do("list", path="")["entries"] == [{"name": "2026", "folder": True}]
    (entry,) = do("list", path="2026")["entries"]
    assert (entry["name"], entry["bytes"]) == ("ines.txt", 10)
    kept = do("versions", path="2026/ines.txt")["versions"]
    assert [(one["version"], one["how"]) for one in kept] == [(1, "written"), (2, "written")]
    assert do("put_back", "run-1-3", path="2026/ines.txt", version=1)["version"] == 3
    assert (root / "2026" / "ines.txt").read_text() == "Dear Ines"
    assert [path.name for path in (root / "2026").iterdir()] == ["ines.txt"]


def test_what_others_wrote_meanwhile_is_kept_too(root: Path) -> None:
    (root / "a.txt").write_text("of somebody")
    os.chmod(root / "a.txt", 0o600)
    do("write", path="a.txt", text="ours")
    (root / "a.txt").write_text("of somebody else")
    do("write", "run-1-2", path="a.txt", text="ours again")
    kept = do("versions", path="a.txt")["versions"]
    assert [one["how"] for one in kept] == ["found", "written", "found", "written"]
    do("put_back", "run-1-3", path="a.txt", version=3)
    assert (root / "a.txt").read_text() == "of somebody else"
    assert (root / "a.txt").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("path", OUTSIDE)
@pytest.mark.parametrize("operation", ["read", "list", "write", "move", "move to", "versions", "put_back"])
def test_no_path_leads_out_of_the_folder(operation: str, path: str, root: Path) -> None:
    (root / "mine").write_text("mine")
    if operation == "list" and path in {"", "."}:
        assert [one["name"] for one in do("list", path=path)["entries"]] == ["mine"]
        return
    besides: dict[str, dict[str, Any]] = {"write": {"text": "x"}, "move": {"to": "b"}, "put_back": {"version": 1}}
    more = besides.get(operation, {})
    asked = {"path": "mine", "to": path} if operation == "move to" else {"path": path, **more}
    with pytest.raises(ToolFailed) as failed:
        do(operation.partition(" ")[0], **asked)
    assert not failed.value.retry
    assert (root.parent / "secret").read_text() == "not yours"
    assert [one.name for one in root.iterdir()] == ["mine"]


@pytest.mark.parametrize("link", ["file", "folder", "hanging", "fifo"])
def test_no_link_leads_out_of_the_folder(link: str, root: Path) -> None:
    if link == "fifo":
        os.mkfifo(root / "out")
    else:
        to = {"file": root.parent / "secret", "folder": root.parent, "hanging": root.parent / "nothing"}[link]
        (root / "out").symlink_to(to)
    path = "out/secret" if link == "folder" else "out"
    (root / "mine").write_text("mine")
    for operation, asked in (
        ("read", {"path": path}), ("write", {"path": path, "text": "x"}), ("move", {"path": path, "to": "in"}),
        ("move", {"path": "mine", "to": path}), ("list", {"path": path}),
    ):  # fmt: skip
        with pytest.raises(ToolFailed):
            do(operation, f"run-{operation}", **asked)
    assert (root.parent / "secret").read_text() == "not yours"
    assert sorted(one.name for one in root.parent.iterdir()) == ["home", "letters", "secret"]
    assert "out" not in [one["name"] for one in do("list", path="")["entries"]]


def test_a_folder_that_is_swapped_for_a_link_meanwhile_leads_nowhere(root: Path) -> None:
    """One thread swaps a folder for a link to outside and back; a thousand writes and more land inside or nowhere."""
    outside = root.parent / "outside"
    outside.mkdir()
    (root / "sub").mkdir()
    stop = threading.Event()

    def swap() -> None:
        while not stop.is_set():
            os.rename(root / "sub", root / "kept")
            (root / "sub").symlink_to(outside)
            (root / "sub").unlink()
            os.rename(root / "kept", root / "sub")
            time.sleep(0)  # as often right as wrong

    thread = threading.Thread(target=swap)
    thread.start()
    done = refused = 0
    limit = time.monotonic() + 60
    try:
        while done + refused < 1000 or not (done and refused):
            assert time.monotonic() < limit, (done, refused)
            try:
                with folders.opened(root, ["sub"]) as handle:
                    files._replace(handle, "x.txt", b"inside", 0o600, "key")
                done += 1
            except ToolFailed:
                refused += 1
    finally:
        stop.set()
        thread.join()
    assert list(outside.iterdir()) == []


def test_the_same_key_does_it_once(root: Path) -> None:
    first = do("write", path="a.txt", text="one")
    (root / "a.txt").write_text("changed since")
    assert do("write", path="a.txt", text="one") == first
    assert (root / "a.txt").read_text() == "changed since"
    moved = do("move", "run-2", path="a.txt", to="b/c.txt")
    assert do("move", "run-2", path="a.txt", to="b/c.txt") == moved
    assert [path.name for path in root.rglob("*.txt")] == ["c.txt"]


@pytest.mark.parametrize("dies_at", ["keep", "_replace", "add", "tell"])
def test_a_write_that_died_in_the_middle_is_finished_by_the_next_try(
    dies_at: str, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "a.txt").write_text("before")
    real_place = files if dies_at == "_replace" else versions.Versions
    real = getattr(real_place, dies_at)
    died = []

    def dying(*arguments: Any, **more: Any) -> Any:
        if dies_at == "add" and versions.WRITTEN not in arguments:
            return real(*arguments, **more)
        died.append(1)
        raise KeyboardInterrupt

    monkeypatch.setattr(real_place, dies_at, dying)
    with pytest.raises(KeyboardInterrupt):
        do("write", path="a.txt", text="after")
    monkeypatch.setattr(real_place, dies_at, real)
    assert died == [1]
    assert do("write", path="a.txt", text="after")["version"] == 2
    assert (root / "a.txt").read_text() == "after"
    assert [one["how"] for one in do("versions", path="a.txt")["versions"]] == ["found", "written"]


@pytest.mark.parametrize("dies_at", ["link", "unlink", "add"])
def test_a_move_that_died_in_the_middle_is_finished_by_the_next_try(
    dies_at: str, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "a.txt").write_text("it")
    place: Any = versions.Versions if dies_at == "add" else os
    real = getattr(place, dies_at)

    def dying(*arguments: Any, **more: Any) -> Any:
        if dies_at == "unlink" and arguments[0] != "a.txt":
            return real(*arguments, **more)
        raise KeyboardInterrupt

    monkeypatch.setattr(place, dies_at, dying)
    with pytest.raises(KeyboardInterrupt):
        do("move", path="a.txt", to="b.txt")
    monkeypatch.setattr(place, dies_at, real)
    assert do("move", path="a.txt", to="b.txt")["from"] == "a.txt"
    assert [(one.name, one.read_text()) for one in root.iterdir()] == [("b.txt", "it")]


def test_nothing_is_moved_over_something(root: Path) -> None:
    (root / "a.txt").write_text("a")
    (root / "b.txt").write_text("b")
    for to in ("b.txt", "a.txt"):
        with pytest.raises(ToolFailed, match="Nothing was moved"):
            do("move", path="a.txt", to=to)
    assert sorted((one.name, one.read_text()) for one in root.iterdir()) == [("a.txt", "a"), ("b.txt", "b")]


def test_what_is_too_large_or_no_text_is_told(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "large").write_bytes(b"x" * 100_001)
    (root / "bytes").write_bytes(b"\xff\xfe")
    (root / "nul").write_bytes(b"a\x00b")
    for path, told in (("large", "100000 bytes"), ("bytes", "no text"), ("nothing", "nothing of this name")):
        with pytest.raises(ToolFailed, match=told):
            do("read", path=path)
    assert do("read", path="nul")["text"] == "a\ufffdb"
    monkeypatch.setattr(files, "LARGEST", 10)
    with pytest.raises(ToolFailed, match="at most 10"):
        do("write", path="a", text="x" * 11)
    with pytest.raises(ToolFailed, match="cannot be kept"):
        do("write", path="a", text="\ud800")


@pytest.mark.parametrize("folder", ["too near", "too far", "unknown", ""])
def test_a_folder_is_one_that_the_settings_name_and_holds_nothing_of_handrail(folder: str, root: Path) -> None:
    for operation, more in (("read", {}), ("write", {"text": "x"}), ("list", {}), ("versions", {})):
        with pytest.raises(ToolFailed):
            do(operation, folder=folder, path="a", **more)


def test_many_writers_lose_nothing(root: Path) -> None:
    """Eight threads write ten times each: every content is among the versions, in one order."""

    def write(name: int) -> None:
        for number in range(10):
            while True:
                try:
                    do("write", f"run-{name}-{number}", path="a.txt", text=f"{name}.{number}")
                    break
                except ToolFailed as late:  # it waited too long for the others: tried again, as by the engine
                    if not late.retry:
                        raise

    threads = [threading.Thread(target=write, args=(name,)) for name in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = do("versions", path="a.txt")["versions"]
    assert [one["version"] for one in kept] == list(range(1, 81))
    assert len({one["sha256"] for one in kept}) == 80


def test_whoever_waits_too_long_has_done_nothing(root: Path) -> None:
    began = time.monotonic()
    with versions.Versions("letters").alone(1), pytest.raises(ToolFailed, match="Nothing was done") as failed:
        do("write", path="a.txt", text="x")
    assert failed.value.retry
    assert 1.5 < time.monotonic() - began < 4
    assert list(root.iterdir()) == []


def test_a_call_is_told_in_words(root: Path) -> None:
    one = tool({"operation": "move"}, options={"folder": "letters"})
    assert files.effects(one, {"path": "a", "to": "b"}) == ["It moves a to b."]
    assert files.problems({"operation": "delete"}, {}) == ["It names nothing that is done with files."]
    assert files.problems({"operation": "read"}, {"properties": {"path": {}, "x": {}}})
