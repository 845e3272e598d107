"""Who is signed in: allauth's backend, which takes as long for a name that nobody has."""

from allauth.account.auth_backends import AuthenticationBackend

from audit import hot
from audit.columns import Columns
from audit.models import Preferences, User

PERSON, CHOSEN = Columns(User), Columns(Preferences)
FOUND = f"""
SELECT {PERSON.of("u")}, {CHOSEN.of("p")} FROM audit_user u LEFT JOIN audit_preferences p ON p.user_id = u.id
WHERE u.id = %s::bigint
"""  # noqa: S608  (our own column names)


class Backend(AuthenticationBackend):  # type: ignore[misc]
    """Reads a person together with what they set for themselves, so that a page asks once for both."""

    def get_user(self, user_id: int) -> User | None:
        """The person of a session, if they may still come in."""
        rows = hot.rows(FOUND, [user_id])
        if not rows:
            return None
        found, chosen = PERSON.object(rows[0][: len(PERSON)]), rows[0][len(PERSON) :]
        found._state.fields_cache["preferences"] = CHOSEN.object(chosen) if chosen[0] is not None else None
        return found if self.user_can_authenticate(found) else None
