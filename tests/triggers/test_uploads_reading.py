"""Reading files of rows: every way in which CSV is written, JSON lines, and what can be read by nobody."""

import contextlib
import csv
import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.batches import reading
from orchestration.batches.reading import Row, Sheet, Unreadable

CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
NAME = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=8)


def read(data: bytes, name: str = "rows.csv", delimiter: str = "") -> tuple[Sheet, list[Row]]:
    sheet = reading.opened(data, name, delimiter)
    return sheet, list(sheet.rows())


@given(
    names=st.lists(NAME, min_size=2, max_size=5, unique=True),
    rows=st.lists(st.lists(CELL, min_size=5, max_size=5), min_size=1, max_size=6),
    delimiter=st.sampled_from(reading.DELIMITERS),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_what_was_written_is_read(
    names: list[str], rows: list[list[str]], delimiter: str, encoding: str, end: str
) -> None:
    wanted = [row[: len(names)] for row in rows]
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerows([names, *wanted])
    try:
        sheet, found = read(file.getvalue().encode(encoding), delimiter=delimiter)
    except Unreadable:
        assert not any(any(map(str.strip, row)) for row in wanted)
        return
    assert sheet.columns == names
    assert [row.cells for row in found] == [row for row in wanted if any(map(str.strip, row))]
    assert not any(row.told for row in found)


@given(st.binary(max_size=300), st.sampled_from(["rows.csv", "rows.jsonl", "rows"]))
def test_nothing_breaks_it(data: bytes, name: str) -> None:
    with contextlib.suppress(Unreadable):
        json.dumps([row.cells for row in read(data, name)[1]])


@pytest.mark.parametrize("delimiter", list(reading.DELIMITERS))
def test_it_finds_out_what_parts_the_values(delimiter: str) -> None:
    data = f"a{delimiter}b{delimiter}c\n1{delimiter}'x, y'{delimiter}3\n4{delimiter}5{delimiter}6\n".encode()
    assert read(data)[0].columns == ["a", "b", "c"]


def test_a_spreadsheet_may_say_what_parts_them() -> None:
    sheet, rows = read(b"sep=;\r\na;b\r\n1;2\r\n")
    assert (sheet.columns, rows) == (["a", "b"], [Row(1, 3, ["1", "2"])])


def test_lines_are_counted_through_quoted_newlines() -> None:
    _, rows = read(b'a,b\n1,"two\nlines"\n\n3,4\n')
    assert [(row.number, row.line) for row in rows] == [(1, 2), (2, 5)]


def test_a_row_that_is_wrong_is_told_by_itself() -> None:
    sheet, rows = read(b'a,b\n1,2\n1,2,3\n1,"x"y\n,\n4,\0\n5,6\n')
    told = {row.line: row.told for row in rows if row.told}
    assert set(told) == {3, 4, 6}
    assert "3 values" in told[3]
    assert "quote" in told[4]
    assert (sheet.total, sheet.unread, sheet.notes) == (5, 3, ["1 empty row was left out."])


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"   \n \n", "empty"),
        (b"a,b\n", "no rows"),
        (b"a,,c\n1,2,3\n", "column 2 has no name"),
        (b"a,b,a\n1,2,3\n", "two columns are called"),
        (b'a,b\n1,2\n3,"4\n5,6\n', "Line 3: a quote opens"),
        (b"PK\x03\x04 a workbook", "no text"),
        (b"\xff\xfe\x00\x00a\x00\x00\x00", "UTF-32"),
        (",".join(f"c{n}" for n in range(reading.MOST_COLUMNS + 1)).encode() + b"\n1\n", "more than 200 columns"),
        (b"n\n" + b"1\n" * (reading.MOST_ROWS + 1), "more than 50000 rows"),
    ],
)
def test_a_file_that_nobody_can_read_is_refused_with_its_line(data: bytes, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        read(data)


def test_a_file_in_another_alphabet_is_read_and_told() -> None:
    sheet, rows = read("name\nMüller\n".encode("cp1252"))
    assert rows[0].cells == ["Müller"]
    assert "Windows-1252" in sheet.notes[0]
    assert read("name,b\nMüller,x\n".encode("utf-16-le"))[1][0].cells == ["Müller", "x"]


def test_json_lines() -> None:
    lines: list[Any] = [{"a": 1}, {"b": [1, "x"]}]
    data = "\n\n".join(json.dumps(line) for line in lines).encode() + b'\n[1]\n{"a": 1, "a": 2}\nnonsense\n{"a": NaN}\n'
    sheet, rows = read(data, "rows.jsonl")
    assert (sheet.form, sheet.columns) == ("jsonl", ["a", "b"])
    assert [(row.line, row.cells) for row in rows[:2]] == [(1, {"a": 1}), (3, {"b": [1, "x"]})]
    assert [row.line for row in rows if row.told] == [4, 5, 6, 7]
    assert read(data, "rows")[0].form == "jsonl"
