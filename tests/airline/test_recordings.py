"""Recordings are read from any file of their shape, and another is told from them; the program prints the figures."""

import json
import sys
from pathlib import Path

import pytest

from tests.airline import __main__ as program
from tests.airline import excerpting
from tests.airline.bookings import TABLES
from tests.airline.recordings import (
    CONVERSATIONS,
    EXCERPT,
    WHOLE,
    Conversation,
    NotConversations,
    declared,
    file_of,
    read,
)

KEPT = [0, 11, 18, 30, 33, 39, 50, 91]


def test_calls_are_told_apart_though_their_ids_repeat(excerpt: dict[int, Conversation]) -> None:
    answered = list(excerpt[0].answered())
    assert len({recorded.id for recorded in answered}) < len(answered)
    assert [recorded.call.name for recorded in answered][-2:] == ["calculate", "book_reservation"]


@pytest.mark.parametrize("content", ["", "{}", "[]", '[{"traj": []}]', '[{"info": {"task": {}}, "traj": [3]}]'])
def test_another_file_is_refused_with_a_sentence(tmp_path: Path, content: str) -> None:
    (tmp_path / "other.json").write_text(content)
    with pytest.raises(NotConversations, match=r"other\.json"):
        read(tmp_path / "other.json")


def test_the_excerpt_is_what_the_whole_holds(whole: list[Conversation], tmp_path: Path) -> None:
    excerpting.excerpt(KEPT, WHOLE, tmp_path)
    for name in (CONVERSATIONS, "tools.json", *(f"{table}.json" for table in TABLES)):
        assert (tmp_path / name).read_text() == (EXCERPT / name).read_text(), name
    assert declared(WHOLE) == declared()


def test_the_program_prints_the_figures_of_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    some = json.loads(file_of(EXCERPT).read_text())[:2]
    (tmp_path / "some.json").write_text(json.dumps(some))
    monkeypatch.setenv("FILE", str(tmp_path / "some.json"))
    monkeypatch.setattr(sys, "argv", ["tests.airline", "--recorded"])
    program.main()
    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    figures = {line["name"]: line["value"] for line in printed}
    assert (figures["conversations"], figures["rewarded"], figures["right_without_gate"]) == (2, 1, 1)
    assert figures["recorded_results_equal"] == figures["recorded_results"] == 18
