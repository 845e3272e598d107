"""What comes with a form: files, bounded while they arrive, and held for a day when the form is refused."""

import hashlib
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core import signing
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.defaults import bad_request

from audit.clock_time import HandrailNow, now
from audit.models import User
from orchestration import contents, files
from orchestration.files import LARGEST, Reference
from orchestration.models import Content

ALTOGETHER = 3 * LARGEST  # bytes of all files of one form
IN_MEMORY = 1024 * 1024  # bytes of one of them, before it goes to disk
HELD_FOR = timedelta(days=1)
HELD = "~"  # no digest begins so: what is held is no content yet, and can be thrown away
SALT = "orchestration.uploads"

type Sent = UploadedFile[bytes]
type View = Callable[..., HttpResponse]


def takes_files(view: View) -> View:
    """Mark a view whose form has files: from every other form, `Bounded` takes none."""
    view.takes_files = True  # type: ignore[attr-defined]
    return view


class Bounded(FileUploadHandler):
    """Receives the files of a form, and keeps none past the limit: what comes after it is counted and dropped."""

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self.total = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin a file, if the page takes files and somebody is signed in."""
        super().new_file(*args, **kwargs)
        if self.request is None or not _may_send_files(self.request):
            raise SkipFile
        self.file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  (the request closes it)
        self.size = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Take a piece; with the one that goes past the limit the file is emptied."""
        self.size += len(raw_data)
        self.total += len(raw_data)
        if not self.too_large:
            self.file.write(raw_data)
        else:
            self.file.seek(0)
            self.file.truncate()

    @property
    def too_large(self) -> bool:
        """Whether this file, or all of them together, are more than is taken."""
        return self.size > LARGEST or self.total > ALTOGETHER

    def file_complete(self, file_size: int) -> Sent:
        """The file, with its true size."""
        self.file.seek(0)
        sent = UploadedFile(self.file, self.file_name, files.UNKNOWN, self.size)
        sent.too_large = self.too_large  # type: ignore[attr-defined]
        return sent


def _may_send_files(request: HttpRequest) -> bool:
    match = request.resolver_match
    return match is not None and getattr(match.func, "takes_files", False) and request.user.is_authenticated


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with a form: just now, or with an earlier try of it (then `key` says where it is held)."""

    reference: Reference
    sent: Sent | None = None
    key: str = ""

    @classmethod
    def of(cls, sent: Sent) -> "Upload":
        """A file that came just now."""
        found = hashlib.sha256()
        for chunk in sent.chunks():
            found.update(chunk)
        return cls(files.reference(sent.name or "", found.hexdigest(), sent.size or 0), sent)

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.reference["name"])

    @property
    def size(self) -> int:
        """Its size in bytes."""
        return int(self.reference["size"])

    def store(self) -> Reference:
        """Keep it for good; its reference."""
        if self.sent is not None:
            self.sent.seek(0)
            return files.store(self.name, self.sent)
        if self.key.startswith(HELD):
            _release(self.key, self.reference[files.MARK])
        return self.reference

    def hold(self, user: User) -> "Upload":
        """Hold it for a day, so that it need not be chosen again."""
        if self.sent is None:
            return self
        _throw_away()
        key = HELD + hashlib.sha256(f"{user.pk}:{self.reference[files.MARK]}".encode()).hexdigest()[1:]
        if not Content.objects.filter(pk=key).update(created_at=HandrailNow()):
            self.sent.seek(0)
            contents.put({key: self.sent.read()}, files.UNKNOWN)
        return Upload(self.reference, key=key)

    def token(self, user: User) -> str:
        """What the form carries in place of the file, good for this person alone."""
        return signing.dumps([self.key, self.reference], salt=f"{SALT}.{user.pk}")


def held(token: str, user: User) -> Upload | None:
    """The file that a token stands for, if it is this person's and still there."""
    try:
        key, reference = signing.loads(token, salt=f"{SALT}.{user.pk}", max_age=HELD_FOR)
    except signing.BadSignature:
        return None
    return Upload(reference, key=key) if Content.objects.filter(pk=key).exists() else None


def kept(reference: Reference) -> Upload:
    """A file that is kept already, to be offered again in a form. Whoever asks must be allowed to read it."""
    return Upload(reference, key=reference[files.MARK])


def _release(key: str, digest: str) -> None:
    """What was held becomes a content, without passing through this process."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO orchestration_content (digest, media_type, size, content) "
            "SELECT %s, media_type, size, content FROM orchestration_content WHERE digest = %s ON CONFLICT DO NOTHING",
            [digest, key],
        )


def _throw_away() -> None:
    """What was held longer than its token is good for."""
    Content.objects.filter(digest__startswith=HELD, created_at__lt=now() - 2 * HELD_FOR).delete()


def refused(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The answer to a request that made no sense, or that was too much."""
    if not isinstance(exception, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent):
        return bad_request(request, exception)
    return render(request, "413.html", status=413)
