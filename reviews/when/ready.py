"""Rules of readiness on when and whether people are asked."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orchestration import leaving
from orchestration.documents.naming import SECTIONS
from orchestration.documents.outline import Placed, Spec
from orchestration.lapses import goes_on
from orchestration.readiness.findings import BLOCKS, WARNS
from orchestration.readiness.rules import Definition, Facts, Lack, rule
from reviews import points
from reviews.models import Calendar
from reviews.when.section import Default

type Told = Iterator[Lack | None]


@rule("calendars", BLOCKS, gettext_lazy("Calendars are here"))
def calendars(definition: Definition, facts: Facts) -> Told:
    """Each that a review names."""
    named = [(step, name, review["hours"]) for step, name, review in _sections(definition) if "hours" in review]
    if not named:
        return
    known = set(Calendar.objects.filter(slug__in={slug for *_, slug in named}).values_list("slug", flat=True))
    for step, name, slug in named:
        if slug in known:
            yield None
        else:
            what = _("There is no calendar “%(slug)s” here.") % {"slug": slug}
            yield Lack(what, _("Make it under Settings, Calendars, or name another."), step, (name, "hours"))


@rule("by_clock", BLOCKS, gettext_lazy("Nothing leaves the house by the clock"))
def by_clock(definition: Definition, facts: Facts) -> Told:
    """Where a step would go on without anybody's answer, nothing behind it leaves the house unapproved."""
    steps = leaving.of_document(definition.document)
    for step, name, review in _sections(definition):
        default = Default.of(review)
        if default is None or not goes_on(default.outcome, review):
            continue
        if what := leaving.behind(steps, step.key):
            told = {"step": step.spec["name"], "what": what}
            lack = _("“%(step)s” would go on by the clock, and %(what)s.") % told
            mend = _("Have it approved there (when: before, without only), or let this be rejected in the end.")
            yield Lack(lack, mend, step, (name, "default"))
        else:
            yield None


@rule("sometimes", WARNS, gettext_lazy("What leaves the house is looked at every time"))
def sometimes(definition: Definition, facts: Facts) -> Told:
    """`only` can let it go without anybody's look."""
    placed = {step.key: step for step in definition.placed}
    whole = {step.key for step, _name, _review in _sections(definition)}
    for one, tool in leaving.unapproved(leaving.of_document(definition.document)):
        step = placed.get(one.key) or placed.get(one.parent or "")
        if step is None or step.key not in whole:
            continue
        name = "review" if one.key in placed else "call_review"
        what = _("“only” can let %(tool)s at “%(step)s” leave the house without anybody having seen it.")
        told = {"tool": tool, "step": one.spec.get("name", one.key)}
        yield Lack(what % told, _("Ask every time, or by its effect: effects."), step, (name, "only"))


def _sections(definition: Definition) -> Iterator[tuple[Placed, str, Spec]]:
    """The review sections of which nothing else is wrong: that is told by itself."""
    for step in definition.placed:
        for name in SECTIONS:
            review = step.spec.get(name)
            if isinstance(review, dict) and "when" in review and not points.check(review, step.spec):
                yield step, name, review
