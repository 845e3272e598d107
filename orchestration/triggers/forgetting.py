"""What came to triggers is kept for a while to be shown and tried again, then forgotten; so are old drafts."""

from datetime import timedelta

from audit.clock_time import HandrailNow
from audit.ticks import tick
from orchestration.models import Begun, TriggerFire
from orchestration.states import FireResult

SAMPLES_FOR = timedelta(days=14)
REFUSED_FOR = timedelta(days=90)
BEGUN_FOR = timedelta(days=90)
BATCH = 1000
PASSING = (FireResult.REFUSED, FireResult.REPEATED, FireResult.FAILED)


@tick("samples", every=600)
def forget() -> int:
    """Forget old samples and what came to nothing; a key that started a run is kept. Returns how many samples."""
    old = TriggerFire.objects.filter(at__lt=HandrailNow() - SAMPLES_FOR, sample__isnull=False)
    forgotten = TriggerFire.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:BATCH])).update(sample=None)
    passed = TriggerFire.objects.filter(at__lt=HandrailNow() - REFUSED_FOR, result__in=PASSING, key="")
    TriggerFire.objects.filter(pk__in=list(passed.values_list("pk", flat=True)[:BATCH])).delete()
    Begun.objects.filter(at__lt=HandrailNow() - BEGUN_FOR).delete()
    return forgotten
