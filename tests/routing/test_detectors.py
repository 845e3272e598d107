"""What raises the data class of a text: what is found, and what only looks like it."""

import pytest

from orchestration.routing import classes, detectors
from orchestration.routing.detectors import BadPattern
from orchestration.routing.redaction import Cover

pytestmark = pytest.mark.django_db  # the workspace's own patterns are looked up


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Write to ines.duarte@customer.example, please.", "email"),
        ("Pay it to DE89 3704 0044 0532 0130 00.", "iban"),
        ("NL91ABNA0417164300", "iban"),
        ("My card is 4111 1111 1111 1111.", "card"),
        ("5500-0000-0000-0004", "card"),
        ("Call +49 30 901820 tomorrow.", "phone"),
        ("0041 44 668 18 00", "phone"),
        ("Her social security number is 078-05-1121.", "national_id"),
        ("Steuer-ID 36574261809", "national_id"),
        ("key: sk-proj-abcdefghijklmnop1234", "key"),
        ("AKIAIOSFODNN7EXAMPLE", "key"),
        ("-----BEGIN RSA PRIVATE KEY-----", "key"),
    ],
)
def test_it_finds(text: str, kind: str) -> None:
    assert [one.kind for one in detectors.find(text)] == [kind]


@pytest.mark.parametrize(
    "text",
    [
        "Order 4111 1111 1111 1112 is late.",  # no card: its check digit is wrong
        "DE89 3704 0044 0532 0130 01",
        "Version 1.2.3 of 2026-11-23, 12:30:45",
        "It cost 1,234,567.89 in 2025.",
        "a @ b, nobody@ and @home",
        "Parcel 00340434161094015902",
        "The id of the build is 20261123",
        "",
    ],
)
def test_it_lets_pass(text: str) -> None:
    assert detectors.find(text) == []


def test_it_looks_into_all_of_a_value() -> None:
    value = {"a": [{"b": "x@example.com"}], "c": 4111111111111111, "d": None, "e": True}
    assert detectors.kinds(value) == {"email": "personal", "card": "personal"}


def test_a_workspace_has_patterns_of_its_own() -> None:
    own = detectors.own("customer", r"KD-\d{6}", "confidential")
    assert detectors.kinds("KD-123456", [own]) == {"customer": "confidential"}


@pytest.mark.parametrize("pattern", ["(a", "a*", "", r"(?=x)"])
def test_a_pattern_that_cannot_be_used_is_refused(pattern: str) -> None:
    with pytest.raises(BadPattern):
        detectors.own("mine", pattern, "personal")


def test_the_class_is_the_highest_of_all_with_its_sources() -> None:
    found = classes.classed("internal", {"read": "confidential"}, "x@example.com")
    assert (found.name, found.sources) == ("personal", ("found:email",))
    assert classes.classed("", {}, "Hello").name == "internal"
    assert classes.classed("public", {}, "Hello").name == "public"
    same = classes.classed("special", {"read": "special"}, "x@example.com")
    assert same.sources == ("carried:read", "declared")


def test_only_a_person_lets_it_fall() -> None:
    assert classes.classed("personal", {"read": "special"}, "x@example.com", lowered="internal").name == "internal"


def test_what_is_covered_comes_back() -> None:
    cover = Cover(["email", "secret"])
    text = "From a@example.com to b@example.com and a@example.com with sk-proj-abcdefghijklmnop1234"
    (covered,) = cover.over([text])
    assert len(set(covered.split())) == len(set(text.split()))
    assert "example.com" not in covered
    assert "sk-proj" not in covered
    assert cover.back(covered) == text
