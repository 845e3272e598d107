"""The page to read in an evidence pack: every entry in words, with what was seen and done, in one file of its own."""

from collections.abc import Sequence

from django.conf import settings
from django.template.loader import render_to_string

from audit.models import Exhibit, Leaf
from audit.reading import recheck
from audit.reading.told import tell, who


class Writer:
    """Writes the page as its entries come: first its head, and its foot where no more come."""

    def __init__(self, title: str, *, without: bool) -> None:
        self._title, self._without, self._begun = title, without, False

    def __call__(self, leaves: Sequence[Leaf]) -> str:
        """The next part of the page."""
        begins, self._begun = not self._begun, True
        context = {
            "begins": begins,
            "ends": not leaves,
            "title": self._title,
            "without": self._without,
            "workspace": settings.HANDRAIL_WORKSPACE,
            "rows": self._rows(leaves),
        }
        return render_to_string("audit/evidence.html", context)

    def _rows(self, leaves: Sequence[Leaf]) -> list[dict[str, object]]:
        large = {} if self._without else _kept(leaves)
        return [
            {
                "leaf": leaf,
                "event": leaf.event,
                "said": tell(leaf.event),
                "who": who(leaf.event),
                "about": {name: value for name, value in leaf.event.about.items() if value and name != "exhibits"},
                "exhibits": recheck.exhibits(leaf.event, large),
            }
            for leaf in leaves
        ]


def _kept(leaves: Sequence[Leaf]) -> recheck.Kept:
    named = [one for leaf in leaves for one in leaf.event.data.get("exhibits", {}).values()]
    return {row.commitment: row for row in Exhibit.objects.filter(commitment__in=named)} if named else {}
