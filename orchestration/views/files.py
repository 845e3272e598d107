"""What is kept beside a run: its files, and its values too large for a row. Always to be saved, never opened here."""

from collections.abc import AsyncIterator
from hashlib import sha256
from typing import cast

from asgiref.sync import sync_to_async
from django.db import close_old_connections, connection
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from audit.models import User
from orchestration import contents, files
from orchestration.contents import ContentLost
from orchestration.models import Content, File, Run, Step

PART = 1024 * 1024  # bytes in memory at a time
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, no-store",
}
# Whether the run, or a step of it that is not hidden, refers to a content: by itself or not far inside.
NAMED = """
WITH wanted AS (
    SELECT '$.**{{0 to 2}}."$content" ? (@ == $digest)'::jsonpath AS path,
        jsonb_build_object('digest', %(digest)s::text) AS named
)
SELECT EXISTS (SELECT FROM wanted, orchestration_run r WHERE r.id = %(run)s AND ({of_run}))
    OR EXISTS (SELECT FROM wanted, orchestration_steprun s
        WHERE s.run_id = %(run)s AND s.step_id <> ALL(%(hidden)s) AND ({of_step}))
    OR EXISTS (SELECT FROM wanted, orchestration_attempt a JOIN orchestration_steprun s ON s.id = a.step_run_id
        WHERE s.run_id = %(run)s AND s.step_id <> ALL(%(hidden)s) AND ({of_try}))
"""
PLACES = {
    "of_run": ("r.input", "r.result"),
    "of_step": ("s.question", "s.answer", "s.output"),
    "of_try": ("a.prompt",),
}
NAMED = NAMED.format(
    **{
        name: " OR ".join(f"jsonb_path_exists({column}, path, named)" for column in columns)
        for name, columns in PLACES.items()
    }
)


@require_safe
def file(request: HttpRequest, pk: int, digest: str) -> HttpResponseBase:
    """A file of a run (`?name=` says which, when its bytes stand there under several names)."""
    user = cast(User, request.user)
    run = get_object_or_404(Run.objects.seen_by(user), pk=pk)
    rows = File.objects.filter(run=run, content=digest).order_by("id")
    if name := request.GET.get("name"):
        rows = rows.filter(name=name.replace("\0", ""))
    found = rows.values_list("name", "content__size").first()
    if found is None or not _may_read_file(user, run, digest):
        raise Http404
    return saved(digest, found[1], found[0])


@require_safe
def content(request: HttpRequest, pk: int, digest: str) -> HttpResponseBase:
    """A value of a run that is too large for its row, as the JSON that was kept."""
    user = cast(User, request.user)
    run = get_object_or_404(Run.objects.seen_by(user), pk=pk)
    unread = list(hidden(user, run).values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(NAMED, {"digest": digest, "run": run.pk, "hidden": unread})
        (named,) = cursor.fetchone()
    size = Content.objects.filter(pk=digest).values_list("size", flat=True).first() if named else None
    if size is None:
        raise Http404
    return saved(digest, size, f"run-{run.pk}-{digest[:12]}.json.txt", "text/plain; charset=utf-8")


def hidden(user: User, run: Run) -> QuerySet[Step]:
    """The steps of a run whose input and output are for groups that this person is in none of."""
    for_some = Step.objects.filter(version=run.version_id, groups__may="see").exclude(owner=user)
    theirs = Step.objects.filter(groups__may="see", groups__group__in=user.groups.all())
    return for_some.exclude(pk__in=theirs.values("pk")).distinct()


def _may_read_file(user: User, run: Run, digest: str) -> bool:
    """What came with the input is for all who see the run; what a step made, for those who may read every step."""
    if not hidden(user, run).exists():
        return True
    return any(found[files.MARK] == digest for found in files.within(contents.open_up(run.input)))


def saved(digest: str, size: int, name: str, media_type: str = "") -> HttpResponseBase:
    """Bytes that are kept, as a file to be saved under that name. Whether one may have them is asked before."""
    kind = media_type or files.media_type(name)
    response = StreamingHttpResponse(_parts(digest, size), content_type=kind, headers=HEADERS)
    response["Content-Length"] = str(size)
    response["Content-Disposition"] = str(content_disposition_header(True, name))
    return response


async def _parts(digest: str, size: int) -> AsyncIterator[bytes]:
    """Part by part. The last one is given only when all of them together are what was kept."""
    seen = sha256()
    for start in range(0, size, PART):
        part = await sync_to_async(_part)(digest, start)
        seen.update(part)
        if start + PART >= size and seen.hexdigest() != digest:
            raise ContentLost(f"What is kept under {digest} is not what was put there.")
        yield part


def _part(digest: str, start: int) -> bytes:
    """One part; between two, the connection goes back to the pool."""
    try:
        with connection.cursor() as cursor:
            asked = "SELECT substring(content FROM %s FOR %s) FROM orchestration_content WHERE digest = %s"
            cursor.execute(asked, [start + 1, PART, digest])
            row = cursor.fetchone()
            return bytes(row[0]) if row else b""
    finally:
        if not connection.in_atomic_block:
            close_old_connections()
