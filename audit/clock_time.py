"""The one clock that decides anything: the database's, through `handrail_now()`."""

from datetime import datetime

from django.db import connection, models


class HandrailNow(models.Func):
    """`handrail_now()` as an expression: the database's time, which tests may shift."""

    function = "handrail_now"
    arity = 0
    output_field = models.DateTimeField()


def now() -> datetime:
    """The time that counts, in UTC with microseconds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT handrail_now()")
        (moment,) = cursor.fetchone()
    assert isinstance(moment, datetime)
    return moment
