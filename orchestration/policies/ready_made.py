"""Rules that most houses want, each with a case that it catches and one that it lets pass. All off, to be turned on."""

from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from orchestration.states import Effect, Point

type Spec = dict[str, Any]

NEAR = ["eu", "own"]  # where models may stand: in the region, or with ourselves
FEW, MANY = 1000, 10_000  # amounts over which more people look


class ReadyMade(NamedTuple):
    """A rule and its test cases."""

    rule: Spec
    cases: list[Spec]


def every() -> list[ReadyMade]:
    """All of them, with their titles in the language of whoever asks."""
    made = (*_of_models(), *_of_release(), *_of_effects(), *_of_people())
    return [_checked(rule, caught, passed) for rule, caught, passed in made]


def get(key: str) -> ReadyMade | None:
    """One of them."""
    return next((one for one in every() if one.rule["key"] == key), None)


def _checked(rule: Spec, caught: Spec, passed: Spec) -> ReadyMade:
    rule = {**rule, "enabled": False}
    about = {"point": rule["points"][0], "rule": rule["key"]}
    title, effect = rule["title"], str(rule["effect"])
    missed = passed.pop("expect", Effect.ALLOW)
    cases = [
        {"name": _("%s: caught") % title, **about, "facts": caught, "expect": effect, "matches": True},
        {"name": _("%s: lets pass") % title, **about, "facts": passed, "expect": str(missed), "matches": False},
    ]
    return ReadyMade(rule, cases)


type Made = tuple[Spec, Spec, Spec]


def _of_models() -> list[Made]:
    return [
        (
            {
                "key": "personal-data-in-region",
                "title": _("Personal data stays in the region"),
                "effect": Effect.DENY.value,
                "points": [Point.MODEL.value],
                "match": {"data_class": "personal", "region": {"not": NEAR}},
            },
            {"data_class": "special", "region": "us"},
            {"data_class": "personal", "region": "eu"},
        ),
        (
            {
                "key": "special-data-with-us",
                "title": _("Special data stays with our own models"),
                "effect": Effect.DENY.value,
                "points": [Point.MODEL.value],
                "match": {"data_class": "special", "region": {"not": ["own"]}},
            },
            {"data_class": "special", "region": "eu"},
            {"data_class": "special", "region": "own"},
        ),
        (
            {
                "key": "no-secrets-to-models",
                "title": _("Keys, tokens and card numbers go to no model"),
                "effect": Effect.REDACT.value,
                "points": [Point.MODEL.value],
                "match": {"region": {"not": ["own"]}},
                "then": {"kinds": ["secret", "card"]},
            },
            {"data_class": "internal", "region": "eu"},
            {"data_class": "internal", "region": "own"},
        ),
        (
            {
                "key": "no-contacts-to-models",
                "title": _("Personal numbers and addresses are blacked out for models outside"),
                "effect": Effect.REDACT.value,
                "points": [Point.MODEL.value],
                "match": {"data_class": "personal", "region": {"not": ["own"]}},
                "then": {"kinds": ["email", "phone", "iban", "card", "national_id"]},
            },
            {"data_class": "personal", "region": "eu"},
            {"data_class": "internal", "region": "eu"},
        ),
    ]


def _of_release() -> list[Made]:
    return [
        (
            {
                "key": "nothing-leaves-unreviewed",
                "title": _("Nothing leaves the house unreviewed"),
                "effect": Effect.REVIEW.value,
                "points": [Point.TOOL.value, Point.RELEASE.value],
                "match": {"outside": True},
                "then": {"group": "reviewer"},
            },
            {"tool_effect": "write", "outside": True},
            {"tool_effect": "read", "outside": False},
        ),
        (
            {
                "key": "high-risk-needs-a-person",
                "title": _("High-risk steps need a person"),
                "effect": Effect.REVIEW.value,
                "points": [Point.TOOL.value, Point.RELEASE.value],
                "match": {"risk": ["high"]},
                "then": {"group": "reviewer", "four_eyes": True},
            },
            {"risk": "high"},
            {"risk": "limited"},
        ),
        (
            {
                "key": "special-data-is-not-handed-over",
                "title": _("Special data is not handed over"),
                "effect": Effect.DENY.value,
                "points": [Point.HANDOVER.value],
                "match": {"data_class": "special"},
            },
            {"data_class": "special"},
            {"data_class": "personal"},
        ),
    ]


def _of_effects() -> list[Made]:
    return [
        (
            {
                "key": "amounts-need-two",
                "title": _("Amounts over a limit need two"),
                "effect": Effect.REVIEW.value,
                "points": [Point.TOOL.value],
                "match": {"amount": {"over": FEW}},
                "then": {"group": "manager", "many": 2, "four_eyes": True},
            },
            {"tool_effect": "write", "amount": FEW + 1},
            {"tool_effect": "write", "amount": FEW, "expect": Effect.REVIEW},  # the safe default asks, for one person
        ),
        (
            {
                "key": "destroying-needs-two",
                "title": _("What cannot be undone needs two"),
                "effect": Effect.REVIEW.value,
                "points": [Point.TOOL.value],
                "match": {"tool_effect": ["destructive"]},
                "then": {"group": "manager", "many": 2, "four_eyes": True},
            },
            {"tool_effect": "destructive"},
            {"tool_effect": "read"},
        ),
    ]


def _of_people() -> list[Made]:
    return [
        (
            {
                "key": "high-risk-runs-by-owners",
                "title": _("High-risk runs are started by owners and admins"),
                "effect": Effect.DENY.value,
                "points": [Point.START.value],
                "match": {"risk": ["high"], "groups": {"not": ["owner", "admin"]}},
            },
            {"risk": "high", "groups": ["reviewer"]},
            {"risk": "high", "groups": ["reviewer", "owner"]},
        ),
        (
            {
                "key": "large-decisions-by-two",
                "title": _("Decisions on large amounts are made by two"),
                "effect": Effect.REVIEW.value,
                "points": [Point.DECIDE.value],
                "match": {"amount": {"over": MANY}},
                "then": {"group": "manager", "four_eyes": True},
            },
            {"amount": MANY + 1},
            {"amount": MANY},
        ),
        (
            {
                "key": "high-risk-versions-by-admins",
                "title": _("High-risk versions are published with an admin"),
                "effect": Effect.REVIEW.value,
                "points": [Point.PUBLISH.value],
                "match": {"risk": ["high"]},
                "then": {"group": "admin", "four_eyes": True},
            },
            {"risk": "high"},
            {"risk": "minimal"},
        ),
    ]
