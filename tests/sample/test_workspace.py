"""What can be said of the workspace without a database."""

from pathlib import Path

from pytest_django import Settings

from deploy.sample import feed, questions, workspace


def test_passwords_are_made_once_and_readable_by_the_owner_alone(settings: Settings, tmp_path: Path) -> None:
    settings.HANDRAIL_HOME = tmp_path / "home"
    made = workspace.passwords()
    assert set(made) == set(workspace.PEOPLE)
    assert workspace.passwords() == made
    assert (tmp_path / "home" / "logins.txt").stat().st_mode & 0o777 == 0o600


def test_it_drafts_with_the_model_that_is_set(settings: Settings) -> None:
    settings.HANDRAIL_MODEL = "openai/gpt-5: mini"
    assert 'model: "openai/gpt-5: mini"' in workspace.document()
    assert workspace.SCRIPTED not in workspace.document()


def test_it_drafts_as_scripted_when_no_model_is_set(settings: Settings) -> None:
    settings.HANDRAIL_MODEL = ""
    assert workspace.SCRIPTED in workspace.document()


def test_the_feed_begins_again_with_new_customers(settings: Settings, tmp_path: Path) -> None:
    settings.HANDRAIL_HOME = tmp_path
    first, again = feed.entry(0), feed.entry(400)
    assert first["question"] == again["question"] == questions.read()[0]["question"]
    assert first["customer"] != again["customer"]


def test_the_feed_follows_another_file(settings: Settings, tmp_path: Path) -> None:
    settings.HANDRAIL_HOME = tmp_path / "home"
    (tmp_path / "mine.csv").write_text("text,category\nMine?,a\n")
    assert feed.use(tmp_path / "mine.csv") == 1
    assert feed.entry(5)["question"] == "Mine?"
