"""Newcomers: for thirty days nobody is the second person beside those through whom they came in, nor these beside them.

Else one admin alone could invite a second self into a deciding group, and be their own second person. Whoever was made
by a command on the host came in through nobody. It always holds for signatures; for decisions where the workspace says
so, since in a young one everybody has just come in through its one admin.
"""

from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _

from audit import choices, hot

DAYS = 30
CHOICE, SIGNATURES, DECISIONS = "newcomers", "signatures", "decisions"
# Everybody who came in lately, with each through whom they did: who invited them, who invited that one, and so on.
BOUND = f"""bound (guest, host) AS (
    SELECT user_id, invited_by_id FROM audit_invitation
    WHERE status = 'accepted' AND closed_at > handrail_now() - interval '{DAYS} days'
    UNION
    SELECT b.guest, i.invited_by_id FROM bound b JOIN audit_invitation i ON i.user_id = b.host
)"""  # noqa: S608  (our own number)
# The same where newcomers are held from deciding as well.
DECIDING = BOUND.replace(
    "WHERE status",
    f"WHERE (SELECT value #>> '{{}}' FROM audit_setting WHERE key = '{CHOICE}') = '{DECISIONS}' AND status",  # noqa: S608
)
KIN = f"""
WITH RECURSIVE {BOUND}
SELECT CASE guest WHEN %s::bigint THEN host ELSE guest END FROM bound WHERE %s::bigint IN (guest, host)
"""  # noqa: S608  (our own statement)

choices.declare(
    CHOICE,
    _("Newcomers"),
    _("For thirty days after an invitation, neither the guest nor the host is the second person for the other."),
    SIGNATURES,
    options=(
        (SIGNATURES, _("For signatures")),
        (DECISIONS, _("For signatures and decisions")),
    ),
)

type Kin = frozenset[int]


def kin(person: int) -> Kin:
    """Those beside whom somebody is no second person for now. One statement."""
    return frozenset(pk for (pk,) in hot.rows(KIN, [person, person]))


def kin_of(person: int) -> RawSQL:
    """The same as part of another statement."""
    return RawSQL(KIN, [person, person])  # noqa: S611  (our own statement, with its values beside it)


def hold_decisions() -> bool:
    """Whether newcomers are held from deciding too."""
    return bool(choices.read(CHOICE, SIGNATURES) == DECISIONS)


def column(person: str) -> str:
    """The same as a column of a statement that has `BOUND`, by the expression for the person's id."""
    other = f"CASE b.guest WHEN {person} THEN b.host ELSE b.guest END"
    return f"(SELECT array_agg({other}) FROM bound b WHERE {person} IN (b.guest, b.host))"  # noqa: S608
