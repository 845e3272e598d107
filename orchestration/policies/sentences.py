"""A rule as one plain sentence, made from its fields. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from orchestration.states import DataClass, Effect, Point

type Rule = Mapping[str, Any]
type Words = Mapping[str, str | Promise]

ABOUT_TO: Words = {
    Point.START: gettext_lazy("a run is to start"),
    Point.MODEL: gettext_lazy("a model is to be asked"),
    Point.TOOL: gettext_lazy("a tool is to be called"),
    Point.HANDOVER: gettext_lazy("work is to be handed over"),
    Point.RELEASE: gettext_lazy("an output is to be released"),
    Point.DECIDE: gettext_lazy("a review is to be decided"),
    Point.PUBLISH: gettext_lazy("a version is to be published"),
}
DOES: Words = {
    "read": gettext_lazy("reads"),
    "write": gettext_lazy("writes"),
    "destructive": gettext_lazy("destroys something"),
}
RISKS: Words = {
    "minimal": gettext_lazy("minimal"),
    "limited": gettext_lazy("limited"),
    "high": gettext_lazy("high"),
}
KINDS: Words = {
    "email": gettext_lazy("e-mail addresses"),
    "phone": gettext_lazy("phone numbers"),
    "iban": gettext_lazy("bank accounts"),
    "card": gettext_lazy("card numbers"),
    "national_id": gettext_lazy("national ids"),
    "secret": gettext_lazy("access keys"),
    "person": gettext_lazy("names of people"),
    "place": gettext_lazy("names of places"),
    "own": gettext_lazy("whatever the workspace's own patterns find"),
}
FIELDS: Words = {
    "workflow": gettext_lazy("the workflow"),
    "step": gettext_lazy("the step"),
    "agent": gettext_lazy("the agent"),
    "data_class": gettext_lazy("the data class"),
    "tool_effect": gettext_lazy("what the tool does"),
    "outside": gettext_lazy("whether it leaves the house"),
    "untrusted": gettext_lazy("whether the run has read what others wrote"),
    "risk": gettext_lazy("the risk"),
    "model": gettext_lazy("the model"),
    "region": gettext_lazy("the region"),
    "tool": gettext_lazy("the tool"),
    "amount": gettext_lazy("the amount"),
    "groups": gettext_lazy("the groups of whoever acts"),
    "starter": gettext_lazy("who started it"),
    "input": gettext_lazy("what it is about"),
}


def sentence(rule: Rule) -> str:
    """What the rule says. It needs the shape of a rule; texts in it are those of its author."""
    return _only_to(rule) or _in_general(rule)


def listed(names: Sequence[object], *, last: str = "") -> str:
    """Several in a row: "a, b or c"."""
    words = [str(name) for name in names]
    if len(words) < 2:
        return "".join(words)
    return _("%(first)s %(or)s %(last)s") % {
        "first": ", ".join(words[:-1]),
        "or": last or _("or"),
        "last": words[-1],
    }


def fields(names: Sequence[str]) -> str:
    """Names of facts in words."""
    return listed([FIELDS.get(name, name) for name in names], last=_("and"))


def classed(name: str) -> str:
    """A data class and all above it."""
    if name == DataClass.SPECIAL:
        return _("special data")
    return _("%(name)s data or higher") % {"name": DataClass(name).label}


def _called(name: str) -> str:
    """A name as it is, but for the one region that is no place."""
    return _("our own house") if name == "own" else name


def upper(text: str) -> str:
    """With a capital at its beginning."""
    return text[:1].upper() + text[1:]


def _only_to(rule: Rule) -> str:
    """The common rule that keeps data in a place, as people would say it; "" for every other rule."""
    match = rule.get("match", {})
    where = {name: named["not"] for name in ("region", "model") if isinstance(named := match.get(name), dict)}
    plain = rule["effect"] == Effect.DENY and rule["points"] == [Point.MODEL] and not rule.get("if")
    if not plain or len(where) != 1 or match.keys() - {"data_class", *where}:
        return ""
    what = classed(match["data_class"]) if "data_class" in match else _("everything")
    words = {"what": upper(what + _scope(rule)), "names": listed([_called(one) for one in next(iter(where.values()))])}
    if "region" in where:
        return _("%(what)s is only sent to models in %(names)s.") % words
    return _("%(what)s is only sent to %(names)s.") % words


def _in_general(rule: Rule) -> str:
    when = listed([ABOUT_TO[point] for point in rule["points"]])
    said = _("When %(when)s%(where)s%(conditions)s: %(then)s.")
    met = "".join(_(", and %s") % condition for condition in _conditions(rule))
    return said % {"when": when, "where": _scope(rule), "conditions": met, "then": _then(rule)}


def _scope(rule: Rule) -> str:
    scope = rule.get("scope", {})
    told = [_(" in %(workflow)s") % scope] if scope.get("workflow") else []
    told += [_(" at the step %(step)s") % scope] if scope.get("step") else []
    told += [_(" by the agent %(agent)s") % scope] if scope.get("agent") else []
    return "".join(told)


def _conditions(rule: Rule) -> Iterator[str]:
    match = rule.get("match", {})
    if "data_class" in match:
        yield _("it holds %s") % classed(match["data_class"])
    if "tool_effect" in match:
        yield _("it %s") % listed([DOES[name] for name in match["tool_effect"]])
    if "outside" in match:
        yield _("it leaves the house") if match["outside"] else _("it stays in the house")
    if "untrusted" in match:
        read, not_read = _("the run has read what others wrote"), _("the run has read nothing that others wrote")
        yield read if match["untrusted"] else not_read
    if "risk" in match:
        yield _("its risk is %s") % listed([RISKS[name] for name in match["risk"]])
    yield from _named(match)
    if "amount" in match:
        yield _("the amount is over %s") % number_format(match["amount"]["over"], force_grouping=True)
    if rule.get("if"):
        yield _("this holds: %s") % rule["if"]


NAMED: Mapping[str, tuple[str | Promise, str | Promise]] = {
    "model": (gettext_lazy("the model is %s"), gettext_lazy("the model is not %s")),
    "region": (gettext_lazy("the model stands in %s"), gettext_lazy("the model stands elsewhere than in %s")),
    "tool": (gettext_lazy("the tool is %s"), gettext_lazy("the tool is not %s")),
    "groups": (gettext_lazy("somebody of %s acts"), gettext_lazy("somebody outside %s acts")),
}


def _named(match: Mapping[str, Any]) -> Iterator[str]:
    for name, (those, others) in NAMED.items():
        if name in match:
            given = match[name]
            names = [_called(one) for one in (given["not"] if isinstance(given, dict) else given)]
            yield str(others if isinstance(given, dict) else those) % listed(names)


def _then(rule: Rule) -> str:
    then = rule.get("then", {})
    match rule["effect"]:
        case Effect.DENY:
            return _("it is stopped")
        case Effect.REVIEW:
            return _asked(then)
        case Effect.REDACT:
            return _("%s are blacked out") % listed([KINDS.get(kind, kind) for kind in then["kinds"]], last=_("and"))
        case _:
            return _("no rule stands in its way")


def _asked(then: Mapping[str, Any]) -> str:
    many = then.get("many", 1)
    told = ngettext("somebody of %(group)s approves it first", "%(many)s people of %(group)s approve it first", many)
    said = told % {"many": many, "group": then["group"]}
    if then.get("four_eyes"):
        said += _(", never whoever started or edited it")
    if minutes := then.get("minutes"):
        said += ngettext(", within %s minute", ", within %s minutes", minutes) % minutes
    return said
