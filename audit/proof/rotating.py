"""Another key for the record, and signing again after an old copy of the database was put back on purpose."""

import base64

from django.db import transaction

from audit.actors import Actor
from audit.clock_time import now
from audit.ledger import record
from audit.proof.folder import Folder
from audit.verifier.notes import Key, SecretKey


@transaction.atomic
def rotate(*, actor: Actor) -> Key:
    """Announce a new key. The event and the next checkpoint are signed by both; from then on the new one signs alone.

    Raises `NoKey` where the signer's folder cannot be used.
    """
    folder = Folder.here()
    old, new = folder.secret(), SecretKey.new(folder.secret().name)
    said = f"{old.public}\n{new.public}\n".encode()
    body = {
        "from": str(old.public),
        "to": str(new.public),
        "signed": [base64.b64encode(key.sign(said)).decode() for key in (old, new)],
    }
    record("ledger.rotated", "ledger", actor=actor, body=body, wake=True)
    folder.announce(new)
    return new.public


@transaction.atomic
def go_on(why: str, *, actor: Actor) -> None:
    """Sign again from what the database holds now, and record who said so and why."""
    folder = Folder.here()
    last = folder.signed()
    body = {"signed": last.short if last else ""}
    record("ledger.restored", "ledger", actor=actor, body=body, personal={"reason": why}, wake=True)
    transaction.on_commit(lambda: folder.put_aside(now()))
