"""An evidence pack needs nothing of ours: it is checked by the one file in it, which finds whatever was done to it."""

import copy
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from audit.models import Checkpoint, Event, Exhibit, Leaf
from audit.proof import packing
from audit.verifier import events
from audit.verifier.notes import SecretKey
from tests.audit.conftest import Decide, seal_all
from tests.cast import Cast
from tests.fakes import FakeModels
from tests.proof.conftest import Fetch, Unpacked, public, run_verifier

pytestmark = pytest.mark.django_db

type Lines = list[dict[str, Any]]


@pytest.fixture
def pack(cast: Cast, decide: Decide, fetch: Fetch) -> Unpacked:
    for _ in range(3):
        decide()
        seal_all()
    return fetch(cast.adam)


def of(lines: Lines, kind: str) -> int:
    return next(place for place, line in enumerate(lines) if line["event"]["kind"] == kind)


def changed(lines: Lines) -> None:
    event = lines[of(lines, "review.approved")]["event"]
    event["actor_id"] = "999"


def moved_in_time(lines: Lines) -> None:
    event = lines[of(lines, "review.approved")]["event"]
    event["occurred_at"] = "2020-01-01T00:00:00.000000+00:00"


def removed(lines: Lines) -> None:
    del lines[of(lines, "review.approved")]


def inserted(lines: Lines) -> None:
    lines.insert(5, copy.deepcopy(lines[5]))


def swapped(lines: Lines) -> None:
    lines[4], lines[5] = lines[5], lines[4]


def cut(lines: Lines) -> None:
    lines.pop()


def sealed_again(lines: Lines) -> None:
    """What somebody does who knows how it is made: every number and hash fits again."""
    for number, line in enumerate(lines):
        line["leaf_index"] = number
        line["leaf_hash"] = events.leaf_hash(line["event"]).hex()


WAYS: list[Callable[[Lines], None]] = [changed, moved_in_time, removed, inserted, swapped, cut]


def test_a_pack_is_whole(pack: Unpacked, alone: Path) -> None:
    said = run_verifier(alone, str(pack.folder), "--key", public())
    assert (said.returncode, said.stderr) == (0, "")
    assert "WHOLE" in said.stdout
    assert f"{Leaf.objects.count()} entries" in said.stdout
    assert pack.verify().returncode == 0
    assert "compare its fingerprint" in pack.verify().stdout


@pytest.mark.parametrize("again", [False, True], ids=["as-it-is", "sealed-again"])
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_whatever_was_done_to_it_is_found(pack: Unpacked, way: Callable[[Lines], None], again: bool) -> None:
    lines = pack.lines()
    way(lines)
    if again:
        sealed_again(lines)
    pack.write(lines)
    said = pack.verify("--key", public())
    assert said.returncode == 1
    assert "NOT WHOLE" in said.stderr
    assert "WHOLE: nothing" not in said.stdout


def test_it_says_which_entry_and_since_when(pack: Unpacked) -> None:
    lines = pack.lines()
    place = of(lines, "review.approved")
    changed(lines)
    pack.write(lines)
    said = pack.verify("--key", public())
    assert f"entry {place} (review.approved" in said.stderr
    assert "it is not what was sealed" in said.stderr
    sealed_again(lines)
    pack.write(lines)
    assert "was changed, moved, put in or taken out" in pack.verify("--key", public()).stderr


def test_a_checkpoint_replayed_is_found(pack: Unpacked) -> None:
    older = Checkpoint.objects.earliest("tree_size")
    (pack.folder / "checkpoints.txt").write_text(f"{older.note}\n")
    said = pack.verify("--key", public())
    assert said.returncode == 1
    assert f"The newest checkpoint covers {older.tree_size} of" in said.stderr
    lines = pack.lines()[: older.tree_size]
    pack.write(lines)
    manifest = json.loads(pack.text("manifest.json")) | {"count": len(lines), "size": older.tree_size}
    (pack.folder / "manifest.json").write_text(json.dumps(manifest))
    assert pack.verify("--key", public()).returncode == 0  # by itself it is a whole record, of some time ago
    kept = pack.folder / "kept.txt"
    kept.write_text(Checkpoint.objects.latest("tree_size").note)
    said = pack.verify("--key", public(), "--known", str(kept))
    assert said.returncode == 1
    assert "covers more than" in said.stderr


def test_another_key_is_not_believed(pack: Unpacked) -> None:
    stranger = SecretKey.new("stranger.example/record").public
    said = pack.verify("--key", str(stranger))
    assert said.returncode == 1
    assert "signed by no key that is known" in said.stderr


@pytest.mark.parametrize("name", ["manifest.json", "record.jsonl", "checkpoints.txt", "signer.pub"])
@pytest.mark.parametrize("content", [None, "", "{", "\x00", "[]", '{"form": 3}'])
def test_what_cannot_be_read_is_no_verdict(pack: Unpacked, name: str, content: str | None) -> None:
    file = pack.folder / name
    file.unlink() if content is None else file.write_text(content)
    said = pack.verify(*(() if name == "signer.pub" else ("--key", public())))
    assert said.returncode in (1, 2)
    assert "Traceback" not in said.stderr
    assert "WHOLE: nothing" not in said.stdout


def test_no_pack_at_all_is_no_verdict(alone: Path, tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere", alone):
        said = run_verifier(alone, str(path))
        assert (said.returncode, "Traceback" in said.stderr) == (2, False) or path == alone


def test_exhibits_are_in_it_and_held_to_their_hashes(
    cast: Cast, decide: Decide, fetch: Fetch, models: FakeModels
) -> None:
    models.scripted.says = {"subject": "Why", "body": "Why? " * 1500}
    decide()
    pack = fetch(cast.adam)
    exhibits = [json.loads(line) for line in pack.text("exhibits.jsonl").splitlines()]
    assert {one["commitment"] for one in exhibits} == set(Exhibit.objects.values_list("commitment", flat=True))
    assert exhibits
    assert "Why? Why?" in pack.text("record.html")
    exhibits[0]["content"] = "00"
    (pack.folder / "exhibits.jsonl").write_text("".join(json.dumps(one) + "\n" for one in exhibits))
    said = pack.verify("--key", public())
    assert said.returncode == 1
    assert "is not what was hashed" in said.stderr


def test_a_run_is_packed_by_itself_with_a_proof_for_each_entry(cast: Cast, decide: Decide, fetch: Fetch) -> None:
    runs = [decide().review.run_id for _ in range(3)]
    pack = fetch(cast.adam, f"/record/evidence.zip?run={runs[1]}")
    lines = pack.lines()
    assert {line["event"]["run_id"] for line in lines} == {runs[1]}
    assert len(lines) == Event.objects.filter(run_id=runs[1]).count()
    assert pack.verify("--key", public()).returncode == 0
    for way in (changed, removed, swapped, cut):
        bad = copy.deepcopy(lines)
        way(bad)
        pack.write(bad)
        assert pack.verify("--key", public()).returncode == 1, way.__name__
    lines[3]["leaf_index"] += 1
    pack.write(lines)
    assert "nothing proves that it is number" in pack.verify("--key", public()).stderr


def test_a_pack_without_personal_parts_names_nobody_and_verifies(
    cast: Cast, decide: Decide, fetch: Fetch, models: FakeModels
) -> None:
    models.scripted.says = {"subject": "Why", "body": "Why? " * 1500}
    decide()
    pack = fetch(cast.adam, "/record/evidence.zip?without=1")
    for name in ("record.jsonl", "record.html"):
        for word in ("Rita", "Ines", "Why? Why?"):
            assert word not in pack.text(name)
    assert not (pack.folder / "exhibits.jsonl").exists()
    said = pack.verify("--key", public())
    assert (said.returncode, said.stderr) == (0, "")


def test_a_stretch_is_proven_from_both_sides(cast: Cast, decide: Decide, tmp_path: Path) -> None:
    for _ in range(4):
        decide()
        seal_all()
    newest, leaves = Checkpoint.objects.latest("tree_size"), Leaf.objects.select_related("event__personal")
    for first, end in ((1, 2), (7, 30), (0, 5), (16, newest.tree_size), (20, newest.tree_size - 1)):
        path = tmp_path / f"{first}-{end}.zip"
        wanted = packing.Wanted(
            leaves=leaves.filter(leaf_index__gte=first, leaf_index__lt=end),
            checkpoint=newest, form="stretch", name="stretch.zip", read=lambda _: "", first=first, end=end,
        )  # fmt: skip
        path.write_bytes(b"".join(packing.pack(wanted)))
        with zipfile.ZipFile(path) as archive:
            archive.extractall(folder := tmp_path / path.stem)
        pack = Unpacked(folder)
        said = pack.verify("--key", public())
        assert (said.returncode, said.stderr) == (0, ""), (first, end)
        lines = pack.lines()
        lines[0]["event"]["actor_id"] = "7"
        lines[0]["leaf_hash"] = events.leaf_hash(lines[0]["event"]).hex()
        pack.write(lines)
        assert pack.verify("--key", public()).returncode == 1


def test_slices_hold_everything_once(cast: Cast, decide: Decide, fetch: Fetch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "SLICE", 4)
    run = decide().review.run_id
    whole = fetch(cast.adam)
    assert [line["leaf_index"] for line in whole.lines()] == list(range(Leaf.objects.count()))
    assert whole.verify("--key", public()).returncode == 0
    assert fetch(cast.adam, f"/record/evidence.zip?run={run}", "run").verify("--key", public()).returncode == 0


def test_taking_it_away_is_an_event(cast: Cast, decide: Decide, fetch: Fetch) -> None:
    decide()
    pack = fetch(cast.adam)
    event = Event.objects.get(kind="record.packed")
    assert event.data["rows"] == len(pack.lines())
    assert event.about["actor"] == "Adam Novak"


def test_who_sees_no_everything_gets_what_they_see(cast: Cast, client: Client) -> None:
    for user, status in ((cast.rita, 404), (cast.noah, 404), (cast.mina, 200)):
        client.force_login(user)
        seal_all()
        assert client.get("/record/evidence.zip").status_code == status


def test_before_anything_is_signed_there_is_none(cast: Cast, client: Client) -> None:
    client.force_login(cast.adam)
    assert client.get("/record/evidence.zip").status_code == 503
