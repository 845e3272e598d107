"""A decision in one sentence, and the reasons where nobody is left."""

from collections.abc import Iterable

from orchestration.routing.deciding import Decided
from orchestration.routing.filters import SENTENCES, Fell
from orchestration.routing.policy import Policy

MOST = 8  # models whose reasons are told
FOUND = {
    "email": "an e-mail address",
    "iban": "an IBAN",
    "card": "a card number",
    "phone": "a telephone number",
    "national_id": "a national id number",
    "key": "a key or token",
    "person": "the name of a person",
    "place": "the name of a place",
}


def why(policy: Policy, decided: Decided) -> str:
    """Why the chosen model came first; or why none is left."""
    if not decided.ranked:
        return nobody(decided)
    first, fell = decided.ranked[0], len(decided.fell)
    if policy.named:
        return f"The step names {first.name}."
    looked = len(decided.ranked) + fell
    if len(decided.ranked) == 1:
        return f"{first.name} is the only one of {looked} that may do it." if fell else f"There is only {first.name}."
    second = decided.ranked[1]
    ahead = f"{first.whole - second.whole:.3f} ahead of {second.name}" if first.whole > second.whole else _tie(decided)
    gone = f" {fell} fell at a filter." if fell else ""
    return f"{first.name} came first of {len(decided.ranked)}, {ahead}.{gone}"


def _tie(decided: Decided) -> str:
    first, second = decided.ranked[:2]
    by = "cheaper than" if first.cost != second.cost else "by its name before"
    return f"level with and {by} {second.name}"


def nobody(decided: Decided) -> str:
    """Why no model may do it, each with what decided."""
    reasons = [f"{name}: {reason(fell[0])}" for name, fell in decided.fell[:MOST]]
    reasons += [f"{name}: is not in the catalog" for name in decided.unknown[:MOST]]
    more = len(decided.fell) - MOST
    told = "; ".join(reasons) + (f"; and {more} more" if more > 0 else "")
    return f"No model may do this. {told}." if told else "No model of the catalog is meant by this step."


def reason(fell: Fell) -> str:
    """One filter in words: what it says, and what was needed and had."""
    told = str(SENTENCES[fell.code])
    said = told[0].lower() + told[1:]
    match fell.code:
        case "class_over_ceiling":
            return f"{said} ({fell.needs}; {fell.has} at the most)"
        case "region_outside":
            return f"{said} ({fell.has or 'unknown'}, not {fell.needs})"
        case "rule" | "no_credentials":
            return f"{said} ({fell.needs})"
        case "cooling":
            return f"{said} (for {fell.has} s)"
        case "busy":
            return f"{said} ({fell.has})"
        case "over_limit":
            return f"{said} ({fell.needs} tokens; {fell.has} at the most)"
        case "budget":
            return f"{said} (${fell.needs} at the most, ${fell.has} left)"
        case "cannot" | "language" | "risk_tier" | "context":
            return f"{said} ({fell.needs})"
    return said


def told(sources: Iterable[str]) -> list[str]:
    """Where a data class comes from, in words."""
    return [_source(source) for source in sources]


def _source(source: str) -> str:
    where, _, what = source.partition(":")
    match where:
        case "declared":
            return "the step declares it"
        case "carried":
            return f"the step {what} had it"
        case "found":
            return f"{FOUND.get(what, what.replace('_', ' '))} was found"
        case "lowered":
            return "a person lowered it"
    return source
