"""The sealer signs what it numbers, keeps what it signed outside the database, and never signs backwards."""

import os

import psycopg
import pytest
from django.db import transaction

from audit import ledger, sealer
from audit.actors import CLOCK
from audit.models import Checkpoint, Event, Leaf, Tile
from audit.proof import tiles
from audit.proof.folder import Folder
from audit.verifier import tree
from audit.verifier.notes import opened
from tests import owner

pytestmark = pytest.mark.django_db(transaction=True)
MANY = """
WITH event AS (
    INSERT INTO audit_event (schema, kind, actor_kind, actor_id, on_behalf_of_kind, on_behalf_of_id, auth, object_type,
        object_id, object_version, content_hash, personal_hash, body, body_hash)
    SELECT 1, 'many.one', 'clock', '', '', '', '', '', n::text, 0, '', '', '{}',
        encode(sha256('{}'), 'hex') FROM generate_series(1, %s) AS n
    RETURNING id
) INSERT INTO audit_pending (event_id) SELECT id FROM event
"""


def write(count: int) -> None:
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        connection.execute(MANY, [count])


def leaves() -> list[bytes]:
    return [bytes(one) for one in Leaf.objects.order_by("leaf_index").values_list("leaf_hash", flat=True)]


def seal_all(limit: int = sealer.BATCH) -> None:
    while sealer.seal(limit):
        pass


def test_each_seal_signs_the_tree_that_stands_then() -> None:
    for count in (1, 2, 5):
        write(count)
        seal_all()
    known = leaves()
    sizes = list(Checkpoint.objects.order_by("tree_size").values_list("tree_size", flat=True))
    assert sizes == [1, 3, 8]
    for row in Checkpoint.objects.all():
        said, (key,) = opened(row.note, [Folder.here().public()])
        assert (said.size, said.root) == (row.tree_size, tree.root_of(known[: row.tree_size]))
        assert said.root == bytes(row.root)
        assert said.origin == key.name
    assert Folder.here().signed() == said


def test_tiles_are_the_roots_of_their_parts() -> None:
    write(3000)
    seal_all(700)
    known = leaves()
    for tile in Tile.objects.all():
        width = tiles.WIDTH**tile.level
        assert bytes(tile.root) == tree.root_of(known[tile.number * width : (tile.number + 1) * width])
    assert Tile.objects.filter(level=1).count() == 3000 // 256
    for begin, end in [(0, 3000), (0, 1), (256, 512), (2999, 3000), (0, 2048), (1024, 1536), (2560, 3000)]:
        assert tiles.roots([(begin, end)]) == [tree.root_of(known[begin:end])]


def test_two_levels_of_tiles_are_made_in_one_growth() -> None:
    grown, made = tree.Frontier(), []
    hashes = [number.to_bytes(32) for number in range(65_536)]
    for place in range(0, 65_536, 1000):
        made += tiles.grow(grown, hashes[place : place + 1000])
    assert [(level, number) for level, number, _ in made if level > 1] == [(2, 0)]
    assert made[-1][2] == tree.root_of([root for level, _, root in made if level == 1]) == grown.root()


def test_a_record_from_before_there_were_tiles_gets_them() -> None:
    write(1100)
    seal_all()
    known = leaves()
    owner.change("audit_tile", "DELETE FROM audit_tile WHERE number > 1")
    sealer.tree = sealer.Tree()
    write(1)
    seal_all()
    assert Tile.objects.filter(level=1).count() == 4
    assert bytes(Checkpoint.objects.latest("tree_size").root) == tree.root_of([*known, leaves()[-1]])


def test_another_process_goes_on_from_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    write(300)
    seal_all()
    here, elsewhere = sealer.tree, sealer.Tree()
    for turn, count in enumerate((1, 255, 700)):
        monkeypatch.setattr(sealer, "tree", (elsewhere, here)[turn % 2])
        write(count)
        seal_all()
    assert bytes(Checkpoint.objects.latest("tree_size").root) == tree.root_of(leaves())


def test_an_old_copy_put_back_is_not_signed_and_said() -> None:
    write(20)
    seal_all()
    owner.change("audit_leaf", "DELETE FROM audit_leaf WHERE leaf_index >= 10")
    owner.change("audit_checkpoint", "DELETE FROM audit_checkpoint")
    write(3)
    seal_all()
    assert not Checkpoint.objects.exists()
    (said,) = Event.objects.filter(kind="ledger.unsigned")
    assert "An older copy of the database was put back" in said.data["why"]
    write(30)
    seal_all()
    assert not Checkpoint.objects.exists()
    assert "not those that were signed" in Event.objects.filter(kind="ledger.unsigned").latest("id").data["why"]
    assert sealer.head() == Leaf.objects.count() - 1 >= 40


def test_without_its_folder_the_record_goes_on_unsigned(monkeypatch: pytest.MonkeyPatch) -> None:
    blocked = Folder.here().root.parent / "blocked"
    blocked.write_text("no folder")
    monkeypatch.setattr("django.conf.settings.HANDRAIL_LEDGER_FOLDER", blocked / "ledger")
    write(2)
    seal_all()
    assert sealer.head() == 2  # the two, and that it is not signed
    assert Event.objects.get(kind="ledger.unsigned").data["entries"] == 2
    assert not Checkpoint.objects.exists()
    monkeypatch.undo()
    write(1)
    seal_all()
    assert Checkpoint.objects.get().tree_size == 4


def test_what_was_undone_leaves_no_trace_in_the_tree() -> None:
    write(5)
    with transaction.atomic():
        sealer.seal()
        transaction.set_rollback(True)
    assert Folder.here().signed() is None
    with transaction.atomic():
        ledger.record("ledger.guarded", "ledger", actor=CLOCK)
    seal_all()
    assert bytes(Checkpoint.objects.get().root) == tree.root_of(leaves())


def test_keys_are_their_owners_alone() -> None:
    write(1)
    seal_all()
    assert oct((Folder.here().root / "signer.key").stat().st_mode)[-3:] == "600"
    assert Folder.here().secret().public == Folder.here().public()
