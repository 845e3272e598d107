"""What test cases came to is kept for a month, then forgotten: it can be found out again at any time."""

from datetime import timedelta

from audit.clock_time import HandrailNow
from audit.ticks import tick
from orchestration.models import CaseResult

KEPT_FOR = timedelta(days=30)
BATCH = 1000


@tick("case-results", every=3600)
def forget() -> int:
    """Forget old results. Returns how many."""
    old = CaseResult.objects.filter(at__lt=HandrailNow() - KEPT_FOR).values_list("pk", flat=True)[:BATCH]
    return CaseResult.objects.filter(pk__in=list(old)).delete()[0]
