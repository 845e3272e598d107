"""Hard filters: what keeps a model from a call. Each is a code and a sentence; none weighs anything."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, pgettext_lazy

from orchestration.routing.asked import Asked, Seen
from orchestration.routing.candidates import CLASSES, Candidate
from orchestration.states import ModelStatus


class Fell(NamedTuple):
    """A filter that a model did not pass: its code, what is needed, and what the model has."""

    code: str
    needs: str = ""
    has: str = ""


class Filter(NamedTuple):
    """A filter: what it is called in a record, what people read, and how it looks at a model."""

    code: str
    title: str | Promise
    sentence: str | Promise
    look: Callable[[Candidate, Asked, Seen], Fell | None]


def _approved(model: Candidate, asked: Asked, seen: Seen) -> Fell | None:
    if model.status != ModelStatus.APPROVED:
        return Fell("not_approved", has=model.status)
    if model.until is not None and asked.today is not None and model.until < asked.today:
        return Fell("approval_over", has=model.until.isoformat())
    return None


def _ceiling(model: Candidate, asked: Asked, seen: Seen) -> Fell | None:
    if CLASSES.index(asked.data.name) <= CLASSES.index(model.ceiling):
        return None
    return Fell("class_over_ceiling", asked.data.name, model.ceiling)


def _region(model: Candidate, asked: Asked, seen: Seen) -> Fell | None:
    wanted = asked.policy.regions
    return None if not wanted or model.region in wanted else Fell("region_outside", ", ".join(wanted), model.region)


def _capable(model: Candidate, asked: Asked, seen: Seen) -> Fell | None:
    lacking = sorted((asked.needs | set(asked.policy.needs)) - model.capabilities)
    return Fell("cannot", ", ".join(lacking), ", ".join(sorted(model.capabilities))) if lacking else None


def _speaks(model: Candidate, asked: Asked, seen: Seen) -> Fell | None:
    lacking = sorted(set(asked.policy.languages) - model.languages) if model.languages else []
    return Fell("language", ", ".join(lacking), ", ".join(sorted(model.languages))) if lacking else None


def _holds(model: Candidate, asked: Asked, seen: Seen) -> Fell | None:
    whole = asked.tokens_in + asked.output
    return None if model.context is None or whole <= model.context else Fell("context", str(whole), str(model.context))


def _risk(model: Candidate, asked: Asked, seen: Seen) -> Fell | None:
    return None if asked.risk in model.tiers else Fell("risk_tier", asked.risk, ", ".join(sorted(model.tiers)))


def _keyed(model: Candidate, asked: Asked, seen: Seen) -> Fell | None:
    return Fell("no_credentials", seen.keyless[model.name]) if model.name in seen.keyless else None


def _ruled(model: Candidate, asked: Asked, seen: Seen) -> Fell | None:
    return Fell("rule", seen.refused[model.name]) if model.name in seen.refused else None


def _affordable(model: Candidate, asked: Asked, seen: Seen) -> Fell | None:
    """By the most that the call can cost: what a budget leaves must hold all of it."""
    left = [one for one in (seen.left, seen.months.get(model.name), asked.policy.most) if one is not None]
    if not left:
        return None
    most = model.price(asked.tokens_in, asked.output)
    if most is None:
        return Fell("price_unknown")
    return None if most <= min(left) else Fell("budget", f"{most:.6f}", f"{max(min(left), 0):.6f}")


def _cool(model: Candidate, asked: Asked, seen: Seen) -> Fell | None:
    seconds = seen.cooling.get(model.name)
    return None if seconds is None else Fell("cooling", has=f"{seconds:.0f}")


def _free(model: Candidate, asked: Asked, seen: Seen) -> Fell | None:
    whole, most = asked.tokens_in + asked.output, model.tokens_per_minute
    if most is not None and whole > most:
        return Fell("over_limit", str(whole), str(most))
    return Fell("busy", has=seen.busy[model.name]) if model.name in seen.busy else None


FILTERS = (
    Filter("not_approved", gettext_lazy("Approved"), gettext_lazy("Nobody has approved it"), _approved),
    Filter("class_over_ceiling", gettext_lazy("Class ceiling"), gettext_lazy("May not see such data"), _ceiling),
    Filter("region_outside", gettext_lazy("Region"), gettext_lazy("Runs in another region"), _region),
    Filter("cannot", gettext_lazy("Capability"), gettext_lazy("Cannot do what is needed"), _capable),
    Filter("language", gettext_lazy("Language"), gettext_lazy("Does not know the language"), _speaks),
    Filter("context", gettext_lazy("Context"), gettext_lazy("Cannot read that much"), _holds),
    Filter("risk_tier", gettext_lazy("Risk"), gettext_lazy("May not serve this risk"), _risk),
    Filter("no_credentials", pgettext_lazy("secret", "Key"), gettext_lazy("Its key is missing"), _keyed),
    Filter("rule", gettext_lazy("Rule"), gettext_lazy("A rule says no"), _ruled),
    Filter("budget", gettext_lazy("Budget"), gettext_lazy("The budget does not hold it"), _affordable),
    Filter("cooling", gettext_lazy("Cooling"), gettext_lazy("Rests after failures"), _cool),
    Filter("busy", gettext_lazy("Limit"), gettext_lazy("Is at its limit"), _free),
)
SENTENCES: dict[str, str | Promise] = {one.code: one.sentence for one in FILTERS} | {
    "approval_over": gettext_lazy("Its approval has ended"),
    "over_limit": gettext_lazy("A whole minute of it does not hold the call"),
    "price_unknown": gettext_lazy("Its price is unknown, and there is a budget"),
}


def look(model: Candidate, asked: Asked, seen: Seen) -> Iterator[Fell]:
    """Every filter that a model does not pass, in their order: the first one decides."""
    for one in FILTERS:
        if (fell := one.look(model, asked, seen)) is not None:
            yield fell
