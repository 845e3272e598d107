"""A decision in one sentence, and the reasons where nobody is left: in the language that is active."""

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from orchestration.routing.deciding import Decided
from orchestration.routing.filters import SENTENCES, Fell
from orchestration.routing.policy import Policy

MOST = 8  # models whose reasons are told
FOUND = {
    "email": gettext_lazy("an e-mail address was found"),
    "iban": gettext_lazy("an IBAN was found"),
    "card": gettext_lazy("a card number was found"),
    "phone": gettext_lazy("a telephone number was found"),
    "national_id": gettext_lazy("a national id number was found"),
    "key": gettext_lazy("a key or token was found"),
    "person": gettext_lazy("the name of a person was found"),
    "place": gettext_lazy("the name of a place was found"),
}


def why(policy: Policy, decided: Decided) -> str:
    """Why the chosen model came first; or why none is left."""
    if not decided.ranked:
        return nobody(decided)
    name, fell = decided.ranked[0].name, len(decided.fell)
    if policy.named:
        return _("The step names %s.") % name
    if len(decided.ranked) > 1:
        gone = ngettext("%d fell at a filter.", "%d fell at a filter.", fell) % fell if fell else ""
        return " ".join(filter(None, [_ahead(decided), gone]))
    if fell:
        return _("%(name)s is the only one of %(looked)d that may do it.") % {"name": name, "looked": fell + 1}
    return _("There is only %s.") % name


def _ahead(decided: Decided) -> str:
    """How far the first is ahead of the second, or what decided where they are level."""
    first, second = decided.ranked[:2]
    told = {"name": first.name, "all": len(decided.ranked), "second": second.name}
    if first.whole > second.whole:
        sentence = _("%(name)s came first of %(all)d, %(points)s ahead of %(second)s.")
        return sentence % {**told, "points": f"{first.whole - second.whole:.3f}"}
    if first.cost != second.cost:
        return _("%(name)s came first of %(all)d, level with and cheaper than %(second)s.") % told
    return _("%(name)s came first of %(all)d, level with and by its name before %(second)s.") % told


def nobody(decided: Decided) -> str:
    """Why no model may do it, each with what decided."""
    reasons = [f"{name}: {reason(fell[0])}" for name, fell in decided.fell[:MOST]]
    reasons += [_("%s: is not in the catalog") % name for name in decided.unknown[:MOST]]
    if not reasons:
        return _("No model of the catalog is meant by this step.")
    more = len(decided.fell) - MOST
    if more > 0:
        reasons.append(ngettext("and %d more", "and %d more", more) % more)
    return _("No model may do this. %s.") % "; ".join(reasons)


def reason(fell: Fell) -> str:
    """One filter in words: what it says, and what was needed and had."""
    told = str(SENTENCES[fell.code])
    said, parts = told[0].lower() + told[1:], _parts(fell)
    return f"{said} ({parts})" if parts else said


def _parts(fell: Fell) -> str:
    pair = {"needs": fell.needs, "has": fell.has}
    match fell.code:
        case "class_over_ceiling":
            return _("%(needs)s; %(has)s at the most") % pair
        case "region_outside":
            return _("%(has)s, not %(needs)s") % {**pair, "has": fell.has or _("unknown")}
        case "rule" | "no_credentials" | "cannot" | "language" | "risk_tier" | "context":
            return fell.needs
        case "cooling":
            return _("for %s s") % fell.has
        case "busy":
            return fell.has
        case "over_limit":
            return _("%(needs)s tokens; %(has)s at the most") % pair
        case "budget":
            return _("$%(needs)s at the most, $%(has)s left") % pair
    return ""


def told(sources: Iterable[str]) -> list[str]:
    """Where a data class comes from, in words."""
    return [_source(source) for source in sources]


def _source(source: str) -> str:
    where, _colon, what = source.partition(":")
    match where:
        case "declared":
            return _("the step declares it")
        case "carried":
            return _("the step %s had it") % what
        case "found":
            return str(FOUND[what]) if what in FOUND else _("%s was found") % what.replace("_", " ")
        case "lowered":
            return _("a person lowered it")
    return source
