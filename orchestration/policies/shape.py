"""The shape of a rule and of its test cases: what may stand where, told in words and by the path to the field. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from audit.canonical import NotCanonical, canonical, clean
from orchestration.expressions import LONGEST, BadExpression, functions
from orchestration.policies.facts import CAN_REDACT, CLASSES, EFFECTS, FIELDS, KINDS, NAMES, RISKS, SCOPES
from orchestration.policies.sentences import ABOUT_TO, fields
from orchestration.references import names_read
from orchestration.states import Effect, Point

type Path = tuple[str | int, ...]

MOST_RULES, MOST_CASES = 300, 600
MOST_TOLD = 100  # problems that are told: nobody reads more
MOST_BYTES = 512 * 1024
RESERVED_KEYS = frozenset({"safe-default", "new"})
SAFE_DEFAULT = "safe-default"
KEY = "^[a-z0-9]+(-[a-z0-9]+)*$"
LONGEST_KEY, LONGEST_TITLE, LONGEST_NAME, MOST_NAMES = 60, 120, 120, 50
# What conditions may call: all that the language has here. Operators have names without a letter at their beginning.
CALLED = frozenset({
    "size", "startsWith", "endsWith", "contains", "matches", "int", "uint", "double", "string", "bytes", "type", "dyn",
    "timestamp", "duration", "getFullYear", "getMonth", "getDate", "getDayOfMonth", "getDayOfYear", "getDayOfWeek",
    "getHours", "getMinutes", "getSeconds", "getMilliseconds",
})  # fmt: skip

NAME: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME}
SEVERAL: dict[str, Any] = {"type": "array", "minItems": 1, "maxItems": MOST_NAMES, "uniqueItems": True, "items": NAME}
NAMED: dict[str, Any] = {  # one of these names, or {not: [...]}: none of them
    **SEVERAL,
    "type": ["array", "object"],
    "required": ["not"],
    "additionalProperties": False,
    "properties": {"not": SEVERAL},
}


def _closed(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    return {
        "type": "object",
        "required": list(required),
        "additionalProperties": False,
        "properties": properties,
    }


def _some_of(values: Iterable[str]) -> dict[str, Any]:
    return {"type": "array", "minItems": 1, "uniqueItems": True, "items": {"enum": list(values)}}


RULE = _closed(
    {
        "key": {"type": "string", "pattern": KEY, "maxLength": LONGEST_KEY},
        "title": {"type": "string", "minLength": 1, "maxLength": LONGEST_TITLE},
        "effect": {"enum": Effect.values},
        "points": _some_of(Point.values),
        "scope": _closed({"workflow": NAME, "step": NAME, "agent": NAME}),
        "match": _closed({
            "data_class": {"enum": list(CLASSES)},
            "tool_effect": _some_of(EFFECTS),
            "outside": {"type": "boolean"},
            "untrusted": {"type": "boolean"},
            "risk": _some_of(RISKS),
            "model": NAMED,
            "tool": NAMED,
            "region": NAMED,
            "groups": NAMED,
            "amount": _closed({"over": {"type": "number", "minimum": 0, "maximum": 10**12}}, "over"),
        }),
        "if": {"type": "string", "minLength": 1, "maxLength": LONGEST},
        "then": _closed({
            "group": NAME,
            "many": {"type": "integer", "minimum": 1, "maximum": 9},
            "four_eyes": {"type": "boolean"},
            "minutes": {"type": "integer", "minimum": 1, "maximum": 60 * 24 * 90},
            "kinds": _some_of(KINDS),
        }),
        "enabled": {"type": "boolean"},
    },
    "key", "title", "effect", "points", "enabled",
)  # fmt: skip
MANY_NAMES: dict[str, Any] = {"type": ["string", "array"], "maxLength": LONGEST_NAME, "items": NAME}
FACTS = _closed({
    "workflow": NAME, "step": NAME, "agent": NAME, "starter": NAME,
    "data_class": {"enum": list(CLASSES)},
    "tool_effect": {"enum": list(EFFECTS)},
    "outside": {"type": "boolean"},
    "untrusted": {"type": "boolean"},
    "risk": {"enum": list(RISKS)},
    "model": MANY_NAMES, "tool": MANY_NAMES, "region": MANY_NAMES,
    "groups": {"type": "array", "items": NAME, "maxItems": MOST_NAMES},
    "amount": {"type": "number"},
    "input": {"type": "object"},
    "reviewed": {"type": "boolean"}, "waived": {"type": "boolean"},
    "unknown": {"type": "array", "items": {"enum": sorted(set().union(*NAMES.values()))}},
})  # fmt: skip
CASE = _closed(
    {
        "name": {"type": "string", "minLength": 1, "maxLength": LONGEST_TITLE},
        "point": {"enum": Point.values},
        "facts": FACTS,
        "expect": {"enum": Effect.values},
        "rule": {"type": "string", "pattern": KEY, "maxLength": LONGEST_KEY},
        "matches": {"type": "boolean"},
    },
    "name", "point", "facts", "expect",
)  # fmt: skip
OF_RULE, OF_CASE = Draft202012Validator(RULE), Draft202012Validator(CASE)


class Problem(NamedTuple):
    """What is wrong, and where: the path to the field, from the rule or the test case inwards."""

    path: Path
    told: str

    @property
    def field(self) -> str:
        """The place as a form names it: `match.region`, say."""
        return ".".join(str(part) for part in self.path if not isinstance(part, int))


def problems(rules: Any, cases: Any = ()) -> list[Problem]:
    """What is wrong with a set: each path begins with `rules` or `checks` and the place in it."""
    return list(islice(_of_set(rules, cases), MOST_TOLD))


def _of_set(rules: Any, cases: Any) -> Iterator[Problem]:
    for name, value, most in (("rules", rules, MOST_RULES), ("checks", cases, MOST_CASES)):
        if not isinstance(value, list | tuple):
            yield Problem((name,), _("This must be a list."))
        elif len(value) > most:
            yield Problem((name,), _("At most %d are kept in one set.") % most)
    if not isinstance(rules, list | tuple) or not isinstance(cases, list | tuple):
        return
    if _is_too_large({"rules": list(rules), "checks": list(cases)}):
        yield Problem((), _("The set is larger than %d kB, or holds something that is no JSON.") % (MOST_BYTES // 1024))
        return
    for place, rule in enumerate(rules[:MOST_RULES]):
        yield from (Problem(("rules", place, *found.path), found.told) for found in of_rule(rule))
    keys = Counter(rule["key"] for rule in rules if isinstance(rule, dict) and isinstance(rule.get("key"), str))
    for place, rule in enumerate(rules[:MOST_RULES]):
        if isinstance(rule, dict) and keys.get(str(rule.get("key")), 0) > 1:
            yield Problem(("rules", place, "key"), _("Another rule has this key too. Each has its own."))
    for place, case in enumerate(cases[:MOST_CASES]):
        yield from (Problem(("checks", place, *found.path), found.told) for found in of_case(case, keys))


def _is_too_large(value: Any) -> bool:
    try:
        return len(canonical(value)) > MOST_BYTES
    except (NotCanonical, RecursionError):
        return True


def of_rule(rule: Any) -> list[Problem]:
    """What is wrong with one rule; nothing where it can be asked."""
    if not isinstance(rule, dict):
        return [Problem((), _("A rule is an object with a key, a title, an effect and points."))]
    return _of_shape(OF_RULE, rule) or [*_of_points(rule), *_of_then(rule), *_of_condition(rule), *_of_texts(rule)]


def of_case(case: Any, keys: Mapping[str, int]) -> list[Problem]:
    """What is wrong with one test case, beside rules of these keys."""
    if not isinstance(case, dict):
        return [Problem((), _("A test case is an object with a name, a point, facts and what is expected."))]
    if found := _of_shape(OF_CASE, case):
        return found
    if clean(case)[1]:
        return [Problem((), _("It holds characters that cannot be kept."))]
    if "rule" in case and case["rule"] not in keys and case["rule"] != SAFE_DEFAULT:
        return [Problem(("rule",), _("There is no rule “%s” in this set.") % case["rule"])]
    if "matches" in case and "rule" not in case:
        return [Problem(("rule",), _("Say of which rule it is expected."))]
    return []


def _of_shape(validator: Draft202012Validator, value: dict[str, Any]) -> list[Problem]:
    if validator.is_valid(value):
        return []
    found = islice(validator.iter_errors(value), MOST_TOLD)
    return list(dict.fromkeys(_told(error) for error in sorted(found, key=lambda one: str(one.absolute_path))))


def _told(error: ValidationError) -> Problem:
    path = tuple(error.absolute_path)
    wanted: Any = error.validator_value
    schema: Any = error.schema
    instance: Any = error.instance
    match error.validator:
        case "required":
            missing = next((name for name in wanted if f"'{name}'" in error.message), "")
            return Problem((*path, missing), _("This is missing."))
        case "additionalProperties":
            known = schema["properties"]
            unknown = next((str(name) for name in instance if name not in known), "")
            words = {"name": unknown[:60], "known": ", ".join(known)}
            return Problem(path, _("“%(name)s” is not known here. What there is: %(known)s.") % words)
        case "enum":
            return Problem(path, _("This must be one of: %s.") % ", ".join(map(str, wanted)))
        case "type":
            return Problem(path, _of_type(wanted))
        case "pattern":
            return Problem(path, _("Use small letters and digits, with single hyphens between them."))
        case "minItems" | "minLength":
            return Problem(path, _("Give at least one, or leave it out.") if path else _("This is missing."))
        case "maxItems" | "maxLength":
            return Problem(path, _("This is too long: at most %s.") % wanted)
        case "uniqueItems":
            return Problem(path, _("Name each only once."))
        case "minimum" | "maximum":
            words = {name: schema.get(name, "") for name in ("minimum", "maximum")}
            return Problem(path, _("This must be a number from %(minimum)s to %(maximum)s.") % words)
        case _:
            return Problem(path, _("This does not have its shape."))


def _of_type(wanted: Any) -> str:
    words: dict[Any, str] = {
        "string": _("a text"),
        "array": _("a list"),
        "object": _("an object"),
        "boolean": _("true or false"),
        "integer": _("a whole number"),
        "number": _("a number"),
    }
    several = wanted if isinstance(wanted, list) else [wanted]
    return _("This must be %s.") % _(" or ").join(words.get(name, str(name)) for name in several)


def _of_points(rule: dict[str, Any]) -> Iterator[Problem]:
    """Every field must be there to be asked at each of its points."""
    if rule["key"] in RESERVED_KEYS:
        yield Problem(("key",), _("“%s” has a meaning already. Choose another.") % rule["key"])
    for point in rule["points"]:
        about = {"when": ABOUT_TO[point]}
        for name in rule.get("match", {}):
            if name not in FIELDS[point]:
                told = _("When %(when)s, nothing is known of %(what)s. Leave this out, or that point.")
                yield Problem(("match", name), told % {**about, "what": fields([name])})
        for name in rule.get("scope", {}):
            if name not in SCOPES[point]:
                told = _("When %(when)s, it is not about one %(what)s. Leave this out, or that point.")
                yield Problem(("scope", name), told % {**about, "what": name})
        if rule["effect"] == Effect.REDACT and point not in CAN_REDACT:
            told = _("When %(when)s, nothing goes out that could be blacked out. Leave that point out.")
            yield Problem(("points",), told % about)
    if "step" in rule.get("scope", {}) and "workflow" not in rule["scope"]:
        yield Problem(("scope", "workflow"), _("Say in which workflow the step is."))


def _of_then(rule: dict[str, Any]) -> Iterator[Problem]:
    then, effect = rule.get("then", {}), rule["effect"]
    known = {Effect.REVIEW: {"group", "many", "four_eyes", "minutes"}, Effect.REDACT: {"kinds"}}.get(effect, set())
    if effect == Effect.REVIEW and "group" not in then:
        yield Problem(("then", "group"), _("Say which group is asked."))
    if effect == Effect.REDACT and "kinds" not in then:
        yield Problem(("then", "kinds"), _("Say what is blacked out."))
    for name in then.keys() - known:
        yield Problem(("then", name), _("This belongs to another effect. Leave it out."))


def _of_condition(rule: dict[str, Any]) -> Iterator[Problem]:
    """The condition is read, and every name and function in it is one that there is at each point."""
    if "if" not in rule:
        return
    try:
        read, called = names_read(rule["if"]), functions(rule["if"])
    except BadExpression as error:
        yield Problem(("if",), _("It cannot be read: %s") % str(error)[:300])
        return
    for point in rule["points"]:
        if unknown := sorted(read - NAMES[point]):
            told = _("When %(when)s, there is no “%(name)s” to read. What there is: %(known)s.")
            known = ", ".join(sorted(NAMES[point]))
            yield Problem(("if",), told % {"when": ABOUT_TO[point], "name": unknown[0][:60], "known": known})
    for name in sorted(called):
        if name[:1].isalpha() and name not in CALLED:
            words = {"name": name[:60], "known": ", ".join(sorted(CALLED))}
            yield Problem(("if",), _("There is no function “%(name)s”. What there is: %(known)s.") % words)


def _of_texts(rule: dict[str, Any]) -> Iterator[Problem]:
    if clean(rule)[1]:
        yield Problem((), _("It holds characters that cannot be kept."))
    if not rule["title"].strip():
        yield Problem(("title",), _("Give it a title."))
