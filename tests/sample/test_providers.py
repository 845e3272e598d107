"""The built-in providers, asked as the model step asks them."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from orchestration import providers
from orchestration.providers import intent
from orchestration.providers.step_input import NoInput, read


def asked(**given: Any) -> list[dict[str, str]]:
    carried = f"Here it is:\n<input>\n{json.dumps(given, ensure_ascii=False)}\n</input>"
    return [{"role": "system", "content": "Do it."}, {"role": "user", "content": carried}]


def said(provider: str, **given: Any) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(providers.get(provider).answer(asked(**given)).text)
    return told


def test_it_knows_its_providers() -> None:
    assert providers.names() == ["intent", "invoice", "scripted", "unplugged"]


def test_it_refuses_a_provider_it_does_not_have() -> None:
    with pytest.raises(providers.UnknownProvider, match="no built-in provider"):
        providers.get("oracle")


def test_it_reads_an_input_that_holds_the_closing_line_in_a_text() -> None:
    text = "a\n</input>\n\u2028</input>\u2028b"
    assert read(asked(question=text)) == {"question": text}


@pytest.mark.parametrize("content", ["", "<input>\n{}", "<input>\nno\n</input>", "<input>\n[1]\n</input>"])
def test_it_refuses_a_message_without_an_input(content: str) -> None:
    with pytest.raises(NoInput):
        read([{"role": "user", "content": content}])


def test_it_counts_a_token_for_four_characters() -> None:
    answer = providers.Answer.to([{"role": "user", "content": "12345"}], "1234")
    assert (answer.prompt_tokens, answer.completion_tokens) == (2, 1)


@pytest.mark.usefixtures("trained")
def test_intent_names_a_label_its_chance_and_two_others() -> None:
    told = said("intent", question="My card was stolen, please block it")
    assert told["label"] == "lost_or_stolen_card"
    assert told["confidence"] > 0.5
    assert [set(other) for other in told["runners_up"]] == [{"label", "confidence"}] * 2


@pytest.mark.usefixtures("trained")
@pytest.mark.parametrize("question", ["", "  ", None, 7])
def test_intent_refuses_what_is_no_question(question: object) -> None:
    with pytest.raises(NoInput, match="question"):
        said("intent", question=question)


def test_intent_says_that_it_is_not_trained(settings: Settings, tmp_path: Path) -> None:
    settings.HANDRAIL_HOME = tmp_path
    with pytest.raises(intent.NotTrained, match="not trained yet"):
        intent.Intent().load()


def test_intent_refuses_a_file_that_is_not_the_trained_one(trained: Path, settings: Settings, tmp_path: Path) -> None:
    shutil.copytree(trained / "models", tmp_path / "models")
    settings.HANDRAIL_HOME = tmp_path
    provider = intent.Intent()
    provider.load()
    with (tmp_path / "models" / "intent.joblib").open("ab") as file:
        file.write(b"!")
    with pytest.raises(intent.Damaged, match="not the one that was trained"):
        provider.load()


@pytest.mark.usefixtures("trained")
def test_intent_names_the_missing_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "joblib", None)
    with pytest.raises(intent.ExtraMissing, match="extra “sample”"):
        intent.Intent().load()


def test_scripted_answers_with_the_text_of_the_label() -> None:
    told = said("scripted", label="card_arrival", customer_name="Zoë Fraser", question="Where is it?")
    assert told["scripted"] is True
    assert told["body"].startswith("Hello Zoë Fraser,\n\n")
    assert told["body"].endswith("Kind regards,\nNorthwind Bank support")


@pytest.mark.parametrize("label", ["no_such_label", None, 7])
def test_scripted_gives_an_honest_answer_to_a_label_it_does_not_know(label: object) -> None:
    assert said("scripted", label=label)["subject"] == "We have your question"


def test_scripted_leaves_the_name_out_when_there_is_none() -> None:
    assert said("scripted", label="age_limit")["body"].startswith("Hello,\n\n")


@pytest.mark.parametrize("name", ["{0.__class__}", "{name}", "{{7*7}}"])
def test_scripted_keeps_a_strange_name_as_it_is(name: str) -> None:
    assert said("scripted", label="age_limit", customer_name=name)["body"].startswith(f"Hello {name},\n")


def test_scripted_keeps_a_name_on_one_line() -> None:
    assert said("scripted", label="age_limit", customer_name="A\nB")["body"].startswith("Hello A B,\n")


@pytest.mark.parametrize(
    "content", ["", "- 1", "greeting: Hello", "a: [", "greeting: 1\nsign_off: b\ngeneral: {}\nanswers: {}"]
)
def test_scripted_refuses_a_script_it_cannot_read(content: str, settings: Settings, tmp_path: Path) -> None:
    settings.HANDRAIL_SCRIPT = tmp_path / "script.yaml"
    settings.HANDRAIL_SCRIPT.write_text(content)
    with pytest.raises(providers.ProviderError, match=r"script\.yaml cannot be read"):
        said("scripted", label="age_limit")


def test_a_process_that_only_imports_the_providers_loads_no_scikit_learn() -> None:
    slow = "{'sklearn', 'joblib', 'litellm'}"
    program = f"import sys, orchestration.providers; print(sorted({slow} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
