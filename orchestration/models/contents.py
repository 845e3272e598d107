"""What is too large to stand in a row, and files: kept once under their SHA-256."""

from typing import ClassVar

from django.db import models

from audit.clock_time import HandrailNow


class Content(models.Model):
    """Bytes under their SHA-256 (hex). JSON in rows refers to them; see `orchestration.contents`."""

    digest = models.CharField(max_length=64, primary_key=True)
    media_type = models.CharField(max_length=120)
    size = models.BigIntegerField(help_text="Bytes.")
    content = models.BinaryField()
    created_at = models.DateTimeField(db_default=HandrailNow())

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.digest


class File(models.Model):
    """A file of a run, by the name it came with. The same bytes may stand here under many names."""

    run = models.ForeignKey("Run", db_index=False, on_delete=models.PROTECT, related_name="files")
    content = models.ForeignKey(Content, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    created_at = models.DateTimeField(db_default=HandrailNow())

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [models.UniqueConstraint(fields=["run", "content", "name"], name="file_of_run")]

    def __str__(self) -> str:
        return self.name
