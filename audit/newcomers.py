"""Newcomers: for thirty days nobody is the second person beside those through whom they came in, nor these beside them.

Else one admin alone could invite a second self into a deciding group, and be their own second person. Whoever was made
by a command on the host came in through nobody.
"""

from django.db.models.expressions import RawSQL

from audit import hot

DAYS = 30
# Everybody who came in lately, with each through whom they did: who invited them, who invited that one, and so on.
BOUND = f"""bound (guest, host) AS (
    SELECT user_id, invited_by_id FROM audit_invitation
    WHERE status = 'accepted' AND closed_at > handrail_now() - interval '{DAYS} days'
    UNION
    SELECT b.guest, i.invited_by_id FROM bound b JOIN audit_invitation i ON i.user_id = b.host
)"""  # noqa: S608  (our own number)
KIN = f"""
WITH RECURSIVE {BOUND}
SELECT CASE guest WHEN %s::bigint THEN host ELSE guest END FROM bound WHERE %s::bigint IN (guest, host)
"""  # noqa: S608  (our own statement)

type Kin = frozenset[int]


def kin(person: int) -> Kin:
    """Those beside whom somebody is no second person for now. One statement."""
    return frozenset(pk for (pk,) in hot.rows(KIN, [person, person]))


def kin_of(person: int) -> RawSQL:
    """The same as part of another statement."""
    return RawSQL(KIN, [person, person])  # noqa: S611  (our own statement, with its values beside it)


def column(person: str) -> str:
    """The same as a column of a statement that has `BOUND`, by the expression for the person's id."""
    other = f"CASE b.guest WHEN {person} THEN b.host ELSE b.guest END"
    return f"(SELECT array_agg({other}) FROM bound b WHERE {person} IN (b.guest, b.host))"  # noqa: S608
