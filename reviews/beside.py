"""The tables of what stands beside a review: who watches it, what is said about it, lists that people keep, and the
words by which it is found.
"""

from typing import Any, ClassVar

from django.contrib.auth.models import Group
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from audit.clock_time import HandrailNow
from audit.models import User
from orchestration.models import Content


class Watch(models.Model):
    """Somebody looks on at a review, without being asked."""

    review = models.ForeignKey("reviews.Review", on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "review"], name="one_watch_each")]


class View(models.Model):
    """A list of the inbox that somebody keeps under a name: what its address asks for, and with whom it is shared."""

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=500)
    shared_with = models.ForeignKey(Group, null=True, on_delete=models.CASCADE, related_name="+")

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [models.UniqueConstraint(fields=["owner", "name"], name="one_view_a_name")]

    def __str__(self) -> str:
        return self.name


class Comment(models.Model):
    """What somebody says about a review. `mentions` are the people who were told, and `receipt` its ledger entry."""

    review = models.ForeignKey("reviews.Review", on_delete=models.PROTECT, related_name="comments")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=HandrailNow())
    text = models.TextField()
    mentions = ArrayField(models.BigIntegerField(), default=list)
    receipt = models.UUIDField(unique=True)

    class Meta:
        default_permissions = ()
        indexes: ClassVar = [models.Index(fields=["review", "id"], name="comment_review")]

    def __str__(self) -> str:
        return self.text


class CommentFile(models.Model):
    """A file that came with a comment. It is no file of the run: nothing that a step does can read it."""

    comment = models.ForeignKey(Comment, on_delete=models.PROTECT, related_name="files")
    content = models.ForeignKey(Content, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [models.UniqueConstraint(fields=["comment", "content", "name"], name="file_of_comment")]

    def __str__(self) -> str:
        return self.name


class Findable(models.Model):
    """The words by which a review is found. The database keeps them; nothing else writes here but an erasure."""

    review: Any = models.OneToOneField("reviews.Review", primary_key=True, on_delete=models.CASCADE, related_name="+")
    words = SearchVectorField()

    class Meta:
        default_permissions = ()
        indexes: ClassVar = [GinIndex(fields=["words"], name="findable_words")]
