"""How good the classifier is, and whether it knows how good it is."""

import json
from pathlib import Path

import pytest
from pytest_django import Settings

from deploy.sample import train
from deploy.sample.calibration import bins, expected_error
from orchestration.providers.intent import Intent, paths

ACCURACY_FLOOR = 0.80
CALIBRATION_CEILING = 0.08


def facts() -> dict[str, object]:
    told: dict[str, object] = json.loads(paths()[1].read_bytes())
    return told


@pytest.mark.usefixtures("trained")
def test_it_is_right_often_enough_on_questions_it_never_saw() -> None:
    asked = train.rows(train.QUESTIONS)
    classifier = Intent().load()
    right = [classifier.shares(text)[0][1] == label for text, label in asked]
    assert sum(right) / len(right) >= ACCURACY_FLOOR
    assert facts()["accuracy"] == pytest.approx(sum(right) / len(right))


@pytest.mark.usefixtures("trained")
def test_its_stated_confidence_holds_on_questions_it_never_saw() -> None:
    classifier = Intent().load()
    asked = [(classifier.shares(text)[0], label) for text, label in train.rows(train.QUESTIONS)]
    table = bins([share for (share, _), _ in asked], [said == label for (_, said), label in asked])
    assert expected_error(table) <= CALIBRATION_CEILING


@pytest.mark.usefixtures("trained")
def test_where_it_is_sure_it_is_nearly_always_right() -> None:
    classifier = Intent().load()
    asked = [(classifier.shares(text)[0], label) for text, label in train.rows(train.QUESTIONS)]
    sure = [said == label for (share, said), label in asked if share >= 0.9]
    assert len(sure) >= 200
    assert sum(sure) / len(sure) >= 0.93


def test_the_same_rows_give_the_same_classifier(trained: Path) -> None:
    again = train.fit(train.rows(train.TRAIN))
    first = Intent().load()
    assert again["sharpness"] == first.sharpness
    assert (again["weights"] == first.weights).all()


@pytest.mark.usefixtures("trained")
def test_it_is_current_once_trained() -> None:
    assert train.is_current()


def test_it_is_not_current_before(settings: Settings, tmp_path: Path) -> None:
    settings.HANDRAIL_HOME = tmp_path
    assert not train.is_current()


def test_the_expected_error_weighs_each_bin_by_its_answers() -> None:
    table = bins([0.95, 0.95, 0.95, 0.25], [True, True, True, True])
    assert expected_error(table) == pytest.approx((3 * 0.05 + 0.75) / 4)


def test_a_report_says_accuracy_and_calibration_in_words() -> None:
    report = train.Report(0.835, 0.05, bins([0.95], [True]), 1.0, ["a"], 20, 400, 2.0, 10, "")
    assert "right in 83.5%; expected calibration error 0.050." in report.lines()[1]
    assert len(report.lines()) == 4
