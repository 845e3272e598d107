"""Notes and keys as C2SP writes them, and nothing else."""

import base64
from hashlib import sha256

import pytest

from audit.verifier.notes import BadNote, Checkpoint, Key, SecretKey, opened, parted, signed

# The example of golang.org/x/mod/sumdb/note, whose format C2SP signed-note describes.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETERS = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
ROOT = sha256(b"root").digest()


def key(name: str = "log.example/one") -> SecretKey:
    return SecretKey.new(name)


def test_a_note_of_another_maker_opens() -> None:
    peter = Key.read(PETER)
    text, ((name, number, signature),) = parted(PETERS)
    assert (name, number) == (peter.name, peter.id)
    assert peter.signed(text.encode(), signature)
    assert not peter.signed(text.replace("answer", "problem").encode(), signature)


def test_a_checkpoint_comes_back() -> None:
    one, two = key(), key("log.example/two")
    said = Checkpoint("log.example", 12, ROOT)
    note = signed(str(said), [one, two])
    assert note.split("\n")[:3] == ["log.example", "12", base64.b64encode(ROOT).decode()]
    assert opened(note, [one.public]) == (said, [one.public])
    assert opened(note, [two.public, one.public]) == (said, [one.public, two.public])
    assert said.short == f"12:{ROOT.hex()}"


def test_keys_come_back() -> None:
    one = key()
    assert SecretKey.read(str(one)) == one
    assert Key.read(str(one.public)) == one.public
    assert str(base64.b64encode(one.seed)) not in repr(one)
    assert len(one.public.fingerprint) == 39


@pytest.mark.parametrize(
    "wrong",
    [
        lambda note: note.replace("12", "13"),
        lambda note: note.replace("log.example\n", "log.example.org\n", 1),
        lambda note: note.replace("— ", "- "),
        lambda note: note.rstrip("\n"),
        lambda note: note[: note.index("—")],
        lambda note: "",
        lambda note: "\n\n",
        lambda note: note[:-10] + "AAAAAAAA=\n",
        lambda note: "x" * 20_000,
    ],
)
def test_anything_else_is_refused(wrong: object) -> None:
    one = key()
    note = signed(str(Checkpoint("log.example", 12, ROOT)), [one])
    with pytest.raises(BadNote):
        opened(wrong(note), [one.public])  # type: ignore[operator]


def test_a_note_of_somebody_else_is_refused() -> None:
    note = signed(str(Checkpoint("log.example", 12, ROOT)), [key()])
    with pytest.raises(BadNote, match="no key that is known"):
        opened(note, [key().public])


@pytest.mark.parametrize("text", ["a\n01\nAAAA\n", "a\n1\nAAAA\n", "a\n-1\n" + "A" * 43 + "=\n", "\n1\n", "a\n", ""])
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(BadNote):
        Checkpoint.read(text)


@pytest.mark.parametrize(
    "written",
    ["", "a", "a+b", "a+00000000+AAAA", PETER.replace("c74f20a3", "c74f20a4"), PETER[:-4], "PRIVATE+KEY+" + PETER],
)
def test_what_is_no_key_is_refused(written: str) -> None:
    with pytest.raises(BadNote):
        Key.read(written)
