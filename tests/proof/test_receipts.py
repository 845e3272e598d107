"""A receipt proves its entry to whoever has the public key, whatever becomes of the database."""

from pathlib import Path

import pytest
from django.test import Client

from audit.models import Event, Leaf
from audit.proof import proofs
from audit.proof_models import Checkpoint
from audit.verifier import events, tree
from tests.audit.conftest import Decide, seal_all
from tests.cast import Cast
from tests.proof.conftest import Fetch, public, run_verifier

pytestmark = pytest.mark.django_db


def receipt_of(client: Client, cast: Cast, folder: Path) -> tuple[Event, Path]:
    event = Event.objects.filter(kind="review.approved").latest("id")
    client.force_login(cast.rita)
    answer = client.get(f"/record/{event.event_id}/receipt.txt")
    assert answer.status_code == 200
    path = folder / "receipt.txt"
    path.write_bytes(answer.content)
    return event, path


def test_its_holder_can_check_it_alone(cast: Cast, decide: Decide, client: Client, alone: Path, tmp_path: Path) -> None:
    decide()
    seal_all()
    event, path = receipt_of(client, cast, tmp_path)
    said = run_verifier(alone, str(path), "--key", public())
    assert (said.returncode, said.stderr) == (0, "")
    assert f"receipt: {event.event_id}" in said.stdout
    assert "WHOLE" in said.stdout
    text = path.read_text()
    path.write_text(text.replace(f"number: {event.leaf.leaf_index}", f"number: {event.leaf.leaf_index - 1}"))
    assert run_verifier(alone, str(path), "--key", public()).returncode == 1
    path.write_text(text)
    assert run_verifier(alone, str(path)).returncode == 2
    path.write_text(text[:60])
    said = run_verifier(alone, str(path), "--key", public())
    assert (said.returncode, "Traceback" in said.stderr) == (2, False)


def test_a_record_without_its_entry_is_found_by_it(
    cast: Cast, decide: Decide, client: Client, fetch: Fetch, tmp_path: Path
) -> None:
    decide()
    seal_all()
    event, path = receipt_of(client, cast, tmp_path)
    pack = fetch(cast.adam)
    assert pack.verify("--key", public(), "--known", str(path)).returncode == 0
    lines = pack.lines()
    lines[event.leaf.leaf_index]["event"]["actor_id"] = "999"
    lines[event.leaf.leaf_index]["leaf_hash"] = events.leaf_hash(lines[event.leaf.leaf_index]["event"]).hex()
    pack.write(lines)
    said = pack.verify("--key", public(), "--known", str(path))
    assert "it is not the entry of that number that the receipt (receipt.txt) is for" in said.stderr


def test_before_its_number_there_is_none(cast: Cast, decide: Decide, client: Client) -> None:
    decide()
    event = Event.objects.filter(kind="review.approved").latest("id")
    client.force_login(cast.rita)
    assert client.get(f"/record/{event.event_id}/receipt.txt").status_code == 409
    client.force_login(cast.noah)
    assert client.get(f"/record/{event.event_id}/receipt.txt").status_code == 404


def test_proofs_from_the_database_hold_at_every_size(
    cast: Cast, decide: Decide, django_assert_max_num_queries: object
) -> None:
    for _ in range(3):
        decide()
        seal_all()
    leaves = [bytes(one) for one in Leaf.objects.order_by("leaf_index").values_list("leaf_hash", flat=True)]
    sizes = list(Checkpoint.objects.order_by("tree_size").values_list("tree_size", flat=True))
    size = sizes[-1]
    root = tree.root_of(leaves[:size])
    proven = proofs.inclusions(range(size), size)
    assert all(tree.is_included(leaves[n], n, size, proof, root) for n, proof in enumerate(proven))
    for earlier in range(1, size):
        was = tree.root_of(leaves[:earlier])
        assert tree.has_grown(earlier, was, size, root, proofs.consistency(earlier, size))
