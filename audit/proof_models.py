"""The tables of the proof: parts of the tree, signed checkpoints, and where those were put. None is ever changed."""

from typing import ClassVar

from django.db import models

from audit import guards
from audit.clock_time import HandrailNow

for _relation in ("audit_tile", "audit_checkpoint", "audit_anchor"):
    guards.append_only(_relation)


class Tile(models.Model):
    """The root of a whole part of the tree: at level 1 of 256 leaves, at level 2 of 256 of those, and so on."""

    level = models.PositiveSmallIntegerField()
    number = models.BigIntegerField(help_text="Which of its level, from 0 at the left.")
    root = models.BinaryField()

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [models.UniqueConstraint(fields=["level", "number"], name="tile_once")]


class Checkpoint(models.Model):
    """What the sealer signed: how many entries there were, the root over them, and the note as others may keep it."""

    tree_size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField()
    note = models.TextField()
    keys = models.PositiveSmallIntegerField(default=1, help_text="By how many keys: by two where one follows another.")
    created_at = models.DateTimeField(db_default=HandrailNow())

    class Meta:
        default_permissions = ()
        indexes: ClassVar = [
            models.Index(fields=["created_at"], name="checkpoint_time"),
            models.Index(fields=["tree_size"], condition=models.Q(keys__gt=1), name="checkpoint_of_two"),
        ]

    @property
    def short(self) -> str:
        """`size:root`, as receipts and reports carry it."""
        return f"{self.tree_size}:{bytes(self.root).hex()}"


class Anchor(models.Model):
    """One try to put a checkpoint where the database's owner cannot change it."""

    tree_size = models.BigIntegerField()
    place = models.TextField(help_text="What kind of place, and which: file, mail:…, webhook:…")
    done = models.BooleanField()
    said = models.TextField(blank=True, help_text="Why it failed, or what the place answered.")
    at = models.DateTimeField(db_default=HandrailNow())

    class Meta:
        default_permissions = ()
        indexes: ClassVar = [models.Index(fields=["place", "-id"], name="anchor_place")]
