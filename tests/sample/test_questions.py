"""Files of questions: what is read, and what is refused in one sentence."""

from pathlib import Path

import pytest

from deploy.sample import questions
from deploy.sample.customers import DOMAINS
from deploy.sample.questions import BadQuestions


def test_it_reads_the_carried_questions() -> None:
    read = questions.read()
    assert len(read) == 400
    assert set(read[0]) == {"question", "category", "customer_name", "customer"}


def test_every_customer_has_an_address_of_its_own_at_a_reserved_domain() -> None:
    addresses = [question["customer"] for question in questions.read()]
    assert len(set(addresses)) == 400
    assert all(address.isascii() and address.split("@")[1] in DOMAINS for address in addresses)


def test_the_same_file_gives_the_same_customers() -> None:
    assert questions.read() == questions.read()


def test_it_reads_a_file_with_a_mark_other_columns_and_line_breaks_in_a_text(tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_bytes('\ufeffid,text,category\r\n1,"Two\nlines",a\r\n'.encode())
    assert questions.read(file)[0]["question"] == "Two\nlines"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"text,category\n", "no questions"),
        (b"text,label\nHello,a\n", "no column “category”"),
        (b"text,category\nH\xe9llo,a\n", "not UTF-8"),
        (b"text,category\nHel\0lo,a\n", "NUL"),
        (b"text,category\nHello\n", "not as many cells"),
        (b"text,category\nHello,a,b\n", "not as many cells"),
        (b"text,category\n ,a\n", "Row 2 has nothing in the column “text”"),
        (b"text,category\nHello,\n", "nothing in the column “category”"),
        (b"text,category\nHello,a\nHello,b\n", "Row 3 repeats the question of row 2"),
        (b"text,category\n" + b"x" * 2001 + b",a\n", "more than 2000 characters"),
        (b"text,category\nHello," + b"x" * 101 + b"\n", "more than 100 characters"),
        (b"text,category\n" + b"x" * 200_000 + b",a\n", "not proper CSV"),
        (b'text,category\n"Hello"x,a\n', "not proper CSV"),
        (b"x" * (questions.LARGEST_FILE + 1), "larger than 5 MB"),
    ],
)
def test_it_refuses_a_bad_file_in_one_sentence(content: bytes, sentence: str, tmp_path: Path) -> None:
    file = tmp_path / "bad.csv"
    file.write_bytes(content)
    with pytest.raises(BadQuestions, match=sentence):
        questions.read(file)


def test_it_refuses_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadQuestions, match="cannot be opened"):
        questions.read(tmp_path)
