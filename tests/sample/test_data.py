"""The rows that the sample carries."""

import json
from collections import Counter
from typing import Any

import pytest
import yaml

from deploy.sample import choose, train

KNOWN = train.rows(train.TRAIN)
ASKED = train.rows(train.QUESTIONS)
SCRIPT: dict[str, Any] = yaml.safe_load((train.DATA / "answers.yaml").read_text("utf-8"))
ANSWERS: dict[str, dict[str, str]] = SCRIPT["answers"]


def test_it_trains_on_twenty_rows_of_each_of_77_labels() -> None:
    counts = Counter(label for _, label in KNOWN)
    assert len(counts) == 77
    assert set(counts.values()) == {20}


def test_it_asks_four_hundred_questions_over_all_labels() -> None:
    assert len(ASKED) == 400
    assert {label for _, label in ASKED} == {label for _, label in KNOWN}


def test_no_text_is_carried_twice_even_in_another_dress() -> None:
    texts = [choose.sameness(text) for text, _ in KNOWN + ASKED]
    assert len(texts) == len(set(texts))


def test_each_label_has_an_answer() -> None:
    assert set(ANSWERS) == {label for _, label in KNOWN}


def test_no_two_labels_share_a_title_or_a_text() -> None:
    for part in ("title", "body"):
        assert len({answer[part] for answer in ANSWERS.values()}) == len(ANSWERS)


@pytest.mark.parametrize("label", sorted(ANSWERS))
def test_an_answer_is_fit_to_send(label: str) -> None:
    answer = ANSWERS[label]
    words = [word for word in answer["body"].split() if any(letter.isalnum() for letter in word)]
    assert answer["risk"] in {"urgent", "normal", "harmless"}
    assert 60 <= len(words) <= 112
    assert len(answer["subject"]) <= 80
    assert not set("{}[]<") & set(answer["body"] + answer["subject"])
    assert "http" not in json.dumps(answer)


def test_no_answer_holds_a_telephone_number() -> None:
    assert not [label for label, answer in ANSWERS.items() if sum(map(str.isdigit, answer["body"])) > 6]
