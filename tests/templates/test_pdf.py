"""Reading PDFs that were made to harm: each is refused in a sentence and in time."""

import contextlib
import io
import time
import zlib
from pathlib import Path

import pypdf
import pytest

from deploy.sample import invoices
from orchestration.files import MARK
from orchestration.tools import ToolFailed, get, lent, pdf

ANY = invoices.FOLDER / "NetpresseInvoice.pdf"


def read(data: bytes) -> dict[str, object]:
    """What the tool gives for a file."""
    return get("pdf.text").make({"file": {MARK: "it"}}, "key", {"it": data})


def refused(data: bytes) -> str:
    """The sentence with which it is refused."""
    began = time.monotonic()
    with pytest.raises(ToolFailed) as caught:
        read(data)
    assert not caught.value.retry
    assert time.monotonic() - began < pdf.SECONDS + 5
    return str(caught.value)


def written(pages: int, password: str = "", algorithm: str = "AES-256") -> bytes:
    """A PDF of empty pages."""
    writer, out = pypdf.PdfWriter(), io.BytesIO()
    for _ in range(pages):
        writer.add_blank_page(200, 200)
    if password:
        writer.encrypt(password, algorithm=algorithm)
    writer.write(out)
    return out.getvalue()


def with_stream(content: bytes, *, filters: str = "/FlateDecode") -> bytes:
    """A PDF of one page that shows `content`, which is packed already."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 4 0 R"
        b" /Resources << /Font << /F 5 0 R >> >> >>",
        b"<< /Length %d /Filter %s >>\nstream\n%s\nendstream" % (len(content), filters.encode(), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    made, places = b"%PDF-1.4\n", []
    for number, one in enumerate(objects, start=1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    rows = b"".join(b"%010d 00000 n \n" % place for place in places)
    table = b"xref\n0 6\n0000000000 65535 f \n" + rows
    return made + table + b"trailer << /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % len(made)


def shown(text: str) -> bytes:
    return zlib.compress(f"BT /F 12 Tf 10 100 Td {text} ET".encode())


def test_it_reads_a_real_one() -> None:
    told = read(ANY.read_bytes())
    assert told["pages"] == 1
    assert "Facture n° 2022089083" in str(told["text"])
    assert told["characters"] == len(str(told["text"]))


def test_it_reads_one_that_was_made_by_hand() -> None:
    assert read(with_stream(shown("(Hello) Tj")))["text"] == "Hello"


def test_a_picture_of_a_page_has_no_text() -> None:
    assert read(written(2)) == {"pages": 2, "characters": 0, "text": ""}


def test_one_that_is_locked() -> None:
    assert refused(written(1, "secret")) == "This PDF is locked with a password. Send one that is not."


def test_five_thousand_pages() -> None:
    assert refused(written(5000)).startswith("This PDF has more than 200 pages")


@pytest.mark.parametrize("data", [b"", b"no PDF at all", ANY.read_bytes()[:2000], ANY.read_bytes()[5000:]])
def test_one_that_is_broken(data: bytes) -> None:
    assert refused(data) == "This is no PDF, or one that is broken."


def test_a_stream_that_unpacks_to_gigabytes() -> None:
    packer = zlib.compressobj(9)
    bomb = b"".join(packer.compress(b" " * 1024 * 1024) for _ in range(2048)) + packer.flush()
    assert len(bomb) < 3 * 1024 * 1024
    assert refused(with_stream(bomb)) in (
        "This PDF unpacks to more than can be read.",
        "This is no PDF, or one that is broken.",
    )


def test_a_bomb_in_a_bomb() -> None:
    packer = zlib.compressobj(9)
    inner = b"".join(packer.compress(b"\0" * 1024 * 1024) for _ in range(1024)) + packer.flush()
    with pytest.raises(ToolFailed):
        read(with_stream(zlib.compress(inner), filters="[/FlateDecode /FlateDecode]"))


def test_more_text_than_is_read() -> None:
    text = "".join(f"1 0 0 1 10 {n % 700} Tm ({'word ' * 30}) Tj " for n in range(6000))
    assert "which is the most that is read" in refused(with_stream(shown(text)))


def test_text_at_the_end_of_the_world() -> None:
    """Blanks between columns are as many as their distance says: a distance of a thousand million has none."""
    data = with_stream(shown("(a) Tj 1 0 0 1 999999999 100 Tm (b) Tj 1 0 0 1 10 -999999999 Tm (c) Tj"))
    began = time.monotonic()
    with contextlib.suppress(ToolFailed):
        assert len(str(read(data)["text"])) < pdf.CHARACTERS
    assert time.monotonic() - began < pdf.SECONDS + 5


def test_one_that_takes_for_ever_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(pdf, "SECONDS", 1)
    monkeypatch.setattr(pdf, "READER", tmp_path / "sleeps.py")
    (tmp_path / "sleeps.py").write_text("import time\ntime.sleep(60)\n")
    assert refused(b"") == "This PDF could not be read in 1 seconds."


def test_it_gives_only_files_of_the_run() -> None:
    with pytest.raises(ToolFailed, match="names a file that this run does not have"):
        get("pdf.text").make({"file": {MARK: "another"}}, "key", {})


def test_no_agent_may_call_it() -> None:
    assert "reads files" in lent.refusal(get("pdf.text"))
