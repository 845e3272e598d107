"""The living database: checked whole, its key handed over, signed again, put elsewhere; what its owner does is seen."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from audit import sealer
from audit.models import Event
from audit.proof import anchoring, verifying
from audit.proof.folder import Folder
from audit.proof_models import Anchor, Checkpoint
from audit.verifier.findings import Held
from audit.verifier.notes import opened
from audit.verifier.packs import notes_in
from tests import clock, owner
from tests.cast import Cast
from tests.proof.conftest import Fetch
from tests.proof.test_sealing_signed import seal_all, write

pytestmark = pytest.mark.django_db(transaction=True)
LAST = "SELECT max(leaf_index) FROM audit_leaf"
NUMBERED = "SELECT FROM audit_leaf l WHERE l.event_id = e.id"


def verified(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    try:
        call_command("verify", *arguments)
    except SystemExit as exited:
        code = exited.code
    except CommandError as error:
        return error.returncode, str(error)
    else:
        code = 0
    said = capsys.readouterr()
    assert isinstance(code, int)
    return code, said.out + said.err


def test_a_record_as_it_was_written_is_whole(live_cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    seal_all()
    code, said = verified(capsys)
    assert (code, "WHOLE: nothing" in said) == (0, True)
    event = Event.objects.get(kind="ledger.verified")
    assert event.data["rows"] == sealer.head() + 1
    assert event.data["checkpoint"] == Checkpoint.objects.latest("tree_size").short


@pytest.mark.parametrize(
    ("table", "statement", "told"),
    [
        ("audit_event", "UPDATE audit_event SET actor_id = '9' WHERE id = 5", "it is not what was sealed"),
        ("audit_event", "UPDATE audit_event SET occurred_at = occurred_at - interval '1 day' WHERE id = 5", "sealed"),
        ("audit_event", "DELETE FROM audit_event WHERE id = 5", "1 entries are missing from number 4 on"),
        ("audit_leaf", f"DELETE FROM audit_leaf WHERE leaf_index = ({LAST})", "missing at the end"),
        ("audit_personal", "UPDATE audit_personal SET data = '{}'", "its personal part is not the one"),
        ("audit_checkpoint", "DELETE FROM audit_checkpoint", ""),
        ("audit_checkpoint", "UPDATE audit_checkpoint SET note = replace(note, E'\\n', E'\\n ')", "A checkpoint"),
    ],
)  # fmt: skip
def test_what_its_owner_changes_is_said(
    live_cast: Cast, capsys: pytest.CaptureFixture[str], table: str, statement: str, told: str
) -> None:
    seal_all()
    owner.change(table, statement)
    code, said = verified(capsys)
    if not told:  # the note that was signed last is outside, and still covers everything
        assert code == 0
        return
    assert (code, told in said) == (1, True), said
    assert Event.objects.filter(kind="ledger.broken").exists()


def test_an_old_copy_put_back_is_seen(live_cast: Cast, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    write(10)
    seal_all()
    known = tmp_path / "anchor.txt"
    known.write_text(Checkpoint.objects.latest("tree_size").note)
    owner.change("audit_leaf", "DELETE FROM audit_leaf WHERE leaf_index > 4")
    owner.change(
        "audit_event", "DELETE FROM audit_event e WHERE NOT EXISTS (SELECT FROM audit_leaf l WHERE l.event_id = e.id)"
    )
    owner.change("audit_checkpoint", "DELETE FROM audit_checkpoint")
    (Folder.here().root / "signed").unlink()
    write(1)
    seal_all()
    assert verified(capsys)[0] == 0
    code, said = verified(capsys, "--known", str(known))
    assert (code, "covers more than" in said) == (1, True)


def test_a_key_follows_another(live_cast: Cast, fetch: Fetch, capsys: pytest.CaptureFixture[str]) -> None:
    seal_all()
    old = Folder.here().public()
    call_command("ledger", "rotate")
    seal_all()
    new = Folder.here().public()
    assert new != old
    event = Event.objects.get(kind="ledger.rotated")
    assert (event.data["from"], event.data["to"]) == (str(old), str(new))
    both = Checkpoint.objects.get(keys=2)
    assert {str(key) for key in opened(both.note, [old, new])[1]} == {str(old), str(new)}
    write(3)
    seal_all()
    newest = Checkpoint.objects.latest("tree_size")
    assert (newest.keys, opened(newest.note, [new])[1]) == (1, [new])
    assert verified(capsys)[0] == 0
    pack = fetch(live_cast.adam)
    for key in (old, new):
        said = pack.verify("--key", str(key))
        assert (said.returncode, said.stderr) == (0, "")
    call_command("ledger", "key")
    assert new.fingerprint in capsys.readouterr().out


def test_after_an_old_copy_was_put_back_on_purpose_it_is_signed_again(live_cast: Cast) -> None:
    write(10)
    seal_all()
    owner.change("audit_leaf", "DELETE FROM audit_leaf WHERE leaf_index > 4")
    owner.change("audit_checkpoint", "DELETE FROM audit_checkpoint WHERE tree_size > 5")
    write(1)
    seal_all()
    assert Event.objects.filter(kind="ledger.unsigned").exists()
    signed = Checkpoint.objects.count()
    with pytest.raises(CommandError):
        call_command("ledger", "restored", " ")
    call_command("ledger", "restored", "The disk was lost.")
    seal_all()
    assert Checkpoint.objects.count() == signed + 1
    event = Event.objects.get(kind="ledger.restored")
    assert event.about["reason"] == "The disk was lost."
    assert list(Folder.here().root.glob("signed.*"))


def test_the_folder_of_the_signer_is_broken_and_said(live_cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    seal_all()
    (Folder.here().root / "signer.pub").write_text("nothing of use")
    code, said = verified(capsys)
    assert (code, "could not be found out" in said) == (2, True)
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("ledger", "key")


def test_checkpoints_are_put_into_the_file_and_held_against(
    live_cast: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    assert anchoring.anchor() == 0  # nothing is signed yet
    seal_all()
    assert anchoring.anchor() == 1
    assert anchoring.anchor() == 0  # not before its time, and nothing is new
    write(1)
    seal_all()
    clock.jump(timedelta(minutes=11).total_seconds())
    assert anchoring.anchor() == 1
    kept = notes_in(Folder.here().anchors.read_text())
    assert [opened(note, Folder.here().publics())[0].size for note in kept] == list(
        Anchor.objects.order_by("id").values_list("tree_size", flat=True)
    )
    owner.change("audit_leaf", "DELETE FROM audit_leaf WHERE leaf_index > 4")
    owner.change("audit_checkpoint", "DELETE FROM audit_checkpoint")
    code, said = verified(capsys)
    assert (code, "the file of anchors" in said) == (1, True)


def test_people_get_checkpoints_by_mail(live_cast: Cast, settings: Any, tmp_path: Path) -> None:
    settings.HANDRAIL_ANCHOR_MAIL, settings.OUTBOX, settings.SMTP_HOST = ["board@bank.example"], tmp_path, ""
    seal_all()
    assert anchoring.anchor() == 2
    (mail,) = tmp_path.glob("*.eml")
    assert f"{Checkpoint.objects.latest('tree_size').tree_size} entries" in mail.read_text()
    (kept,) = Anchor.objects.filter(place="mail:board@bank.example")
    assert kept.done


def test_a_place_that_fails_is_tried_again_later(live_cast: Cast, settings: Any, client: Client) -> None:
    seal_all()
    Folder.here().anchors.mkdir()
    assert [anchoring.anchor(), anchoring.anchor()] == [0, 0]
    assert Anchor.objects.filter(done=False).count() == 1
    clock.jump(601)
    anchoring.anchor()
    assert Anchor.objects.filter(done=False).count() == 2
    client.force_login(live_cast.mina)
    page = client.get("/record/proof/").content.decode()
    assert "Fails" in page
    Folder.here().anchors.rmdir()
    clock.jump(601)
    assert anchoring.anchor() == 1
    assert "Fails" not in client.get("/record/proof/").content.decode()


def test_its_health_is_a_page(live_cast: Cast, client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    client.force_login(live_cast.mina)
    assert "None yet" in client.get("/record/proof/").content.decode()
    seal_all()
    verified(capsys)
    seal_all()
    page = client.get("/record/proof/").content.decode()
    newest = Checkpoint.objects.latest("tree_size")
    assert newest.short in page
    assert Folder.here().public().fingerprint in page
    assert "Whole" in page
    assert client.get("/record/proof/checkpoint.txt").content.decode() == newest.note
    assert client.get("/record/proof/signer.pub").content.decode().strip() == str(Folder.here().public())
    client.force_login(live_cast.rita)
    assert client.get("/record/proof/").status_code == 404


def test_a_check_outside_of_the_house_finds_two_records(live_cast: Cast) -> None:
    write(4)
    seal_all()
    theirs = Checkpoint.objects.latest("tree_size").note
    owner.change("audit_event", "UPDATE audit_event SET actor_id = '9' WHERE id = 2")
    assert not verifying.check(held=[Held(theirs, "a mail")]).whole


def test_the_clock_of_a_house_puts_them_there() -> None:
    """Registered where nothing but the applications is loaded, as in the clock."""
    asked = "import django; django.setup(); from audit.ticks import all_ticks; print([one.name for one in all_ticks()])"
    said = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout
    assert "'anchor'" in said
