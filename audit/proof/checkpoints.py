"""Signed checkpoints: what the sealer says of the record, and never of less or of another one than before."""

import logging

from django.db import connection, transaction

from audit.proof import tiles
from audit.proof.folder import Folder, NoKey
from audit.proof_models import Checkpoint as Row
from audit.verifier import notes
from audit.verifier.notes import Checkpoint, SecretKey
from audit.verifier.tree import Frontier

KEEP = "INSERT INTO audit_checkpoint (tree_size, root, note, keys) VALUES (%s, %s, %s, %s)"

logger = logging.getLogger(__name__)


class Backwards(RuntimeError):
    """The database does not hold the record that was signed: an old copy was put back, or it was rewritten."""


def sign(tree: Frontier) -> None:
    """Sign and keep a checkpoint of this tree, in the transaction that numbered its last entries.

    Raises `NoKey` or `Backwards`; the record can then go on without, and its health says so.
    """
    folder = Folder.here()
    keys = folder.secrets()
    require_growth(tree, folder.signed())
    note = noted(tree, keys)
    with connection.cursor() as cursor:
        cursor.execute(KEEP, [tree.size, tree.root(), note, len(keys)])
    transaction.on_commit(lambda: _remember(folder, note, keys))


def noted(tree: Frontier, keys: list[SecretKey]) -> str:
    """The note of a tree. The log is called as its key was when it was made."""
    return notes.signed(str(Checkpoint(keys[0].name, tree.size, tree.root())), keys)


def require_growth(tree: Frontier, last: Checkpoint | None) -> None:
    """That the tree goes on from what was signed last."""
    if last is None or last.size == 0:
        return
    if last.size > tree.size:
        raise Backwards(f"An older copy of the database was put back: {last.size} entries were signed.")
    root = tree.root() if last.size == tree.size else tiles.roots([(0, last.size)])[0]
    if root != last.root:
        raise Backwards(f"The first {last.size} entries in the database are not those that were signed.")


def newest() -> Row | None:
    """The newest one that is kept."""
    return Row.objects.order_by("-tree_size").first()


def covering(index: int) -> Row | None:
    """The newest one, where it covers entry `index`."""
    found = newest()
    return found if found is not None and found.tree_size > index else None


def _remember(folder: Folder, note: str, keys: list[SecretKey]) -> None:
    try:
        folder.remember(note)
        if len(keys) > 1:
            folder.hand_over()
    except NoKey:
        logger.exception("A checkpoint is in the database, and could not be kept outside of it.")
