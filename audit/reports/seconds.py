"""How far people agree: of decisions that another person took a second time, blindly, those that came out alike."""

from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit.reports.decided import ask, values
from audit.reports.wanted import Wanted
from audit.sight import Reach
from audit.templatetags.figures import number, pct

ENOUGH = 30  # below which a share says little
COUNT = """
SELECT count(*) AS count, count(*) FILTER (WHERE (body::jsonb ->> 'agree')::boolean) AS alike FROM audit_event
WHERE kind = 'review.second_decided' AND workflow_id = ANY(%(workflows)s)
    AND occurred_at >= %(since)s AND occurred_at < %(until)s
"""


class Agreement(NamedTuple):
    """So many decisions were taken twice, and so many of these came out alike."""

    twice: int
    alike: int

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


def read(wanted: Wanted, reach: Reach) -> Agreement:
    """The agreement in a time, in one workflow where the reader has chosen one."""
    among = [pk for pk in reach.workflows if wanted.workflow in (None, pk)]
    (row,) = ask(COUNT, values(wanted, reach._replace(workflows=among)))
    return Agreement(row["count"], row["alike"])
