"""How far people agree: of decisions that another person took a second time, blindly, those that came out alike."""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit.reports import intervals
from audit.reports.decided import ask, values
from audit.reports.intervals import Interval, Table
from audit.reports.wanted import Wanted
from audit.sight import Reach
from audit.templatetags.figures import number, pct

ENOUGH = 30  # below which a share says little
COUNT = """
SELECT body::jsonb ->> 'first' AS first, body::jsonb ->> 'verdict' AS second, count(*) AS count FROM audit_event
WHERE kind = 'review.second_decided' AND workflow_id = ANY(%(workflows)s)
    AND occurred_at >= %(since)s AND occurred_at < %(until)s AND body::jsonb ->> 'first' IS NOT NULL
GROUP BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How often the first person answered so, and the second so. What was taken back meanwhile has no part in it."""

    answers: Table = field(default_factory=dict)

    @property
    def twice(self) -> int:
        """So many decisions were taken twice."""
        return sum(self.answers.values())

    @property
    def alike(self) -> int:
        """So many of these came out alike."""
        return sum(count for (first, second), count in self.answers.items() if first == second)

    @property
    def kappa(self) -> Interval | None:
        """Agreement beyond chance; None where there are too few to tell, or nobody ever answered otherwise."""
        return intervals.kappa(self.answers) if self.twice >= ENOUGH else None

    @property
    def share(self) -> str:
        """The share that came out alike."""
        return pct(self.alike / self.twice) if self.twice else ""

    @property
    def said(self) -> str:
        """What it rests on, in a sentence."""
        told = {"alike": number(self.alike), "count": number(self.twice)}
        said = ngettext(
            "%(alike)s of the one decision that was taken twice came out alike.",
            "%(alike)s of %(count)s decisions that were taken twice, blindly, came out alike.",
            self.twice,
        )
        few = _(" Too few to say more.") if self.twice < ENOUGH else ""
        return said % told + few

    @property
    def beyond_chance(self) -> str:
        """Kappa with its interval, in a sentence; nothing where it says nothing."""
        if (found := self.kappa) is None:
            return ""
        told = {"value": number(found.value, 2), "low": number(found.low, 2), "high": number(found.high, 2)}
        return _("Beyond chance: kappa %(value)s, between %(low)s and %(high)s (1 is always, 0 is luck).") % told


def read(wanted: Wanted, reach: Reach) -> Agreement:
    """The agreement in a time, in one workflow where the reader has chosen one."""
    among = [pk for pk in reach.workflows if wanted.workflow in (None, pk)]
    rows = ask(COUNT, values(wanted, reach._replace(workflows=among)))
    return Agreement({(row["first"], row["second"]): row["count"] for row in rows})
