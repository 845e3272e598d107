"""What the tests of files share: a form with files, and somebody at it."""

from typing import Any, Protocol

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from audit.actors import person
from audit.models import User
from orchestration import workflows
from orchestration.models import Run
from tests.cast import DOCUMENT, QUESTION, Cast

PAGE = "/workflows/answer-a-customer/start/"
LETTER = b"%PDF-1.7 a letter"


class Send(Protocol):
    """Somebody sends the form, with a letter unless it says otherwise."""

    def __call__(self, **fields: Any) -> Any: ...


@pytest.fixture
def desk(cast: Cast, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """The cast, with a workflow whose input has a letter, which must be there, and a picture, which need not."""
    settings.FILE_UPLOAD_HANDLERS = ["orchestration.uploads.Bounded"]
    monkeypatch.setattr("config.urls.handler400", "orchestration.uploads.refused", raising=False)
    source = DOCUMENT.read_text().replace("required: [question,", "required: [letter, question,")
    source = source.replace(
        "  properties:\n",
        "  properties:\n    letter: {type: object, format: file, accept: [.pdf], maxSize: 1000}\n"
        "    picture: {type: object, format: file}\n    notes: {type: object}\n",
        1,
    )
    cast.version = workflows.publish(source, actor=person(cast.adam), by=cast.adam)
    cast.workflow = cast.version.workflow
    return cast


@pytest.fixture
def adam(desk: Cast) -> Client:
    """Adam, at the form."""
    return signed_in(desk.adam)


@pytest.fixture
def send(adam: Client) -> Send:
    """Adam sends the form."""

    def post(**fields: Any) -> Any:
        sent = {"letter": letter(), **QUESTION, **fields}
        return adam.post(PAGE, {f"input-{name}": value for name, value in sent.items() if value is not None})

    return post


@pytest.fixture
def run(send: Send) -> Run:
    """A run with a letter."""
    send()
    return Run.objects.get()


def signed_in(user: User) -> Client:
    """Somebody's browser."""
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


def letter(content: bytes = LETTER, name: str = "letter.pdf", media_type: str = "text/html") -> SimpleUploadedFile:
    """A file on somebody's desk."""
    return SimpleUploadedFile(name, content, media_type)
