"""Who is signed in: allauth's backend, which takes as long for a name that nobody has."""

from allauth.account.auth_backends import AuthenticationBackend

from audit.models import User


class Backend(AuthenticationBackend):  # type: ignore[misc]
    """Reads a person together with what they set for themselves, so that a page asks once for both."""

    def get_user(self, user_id: int) -> User | None:
        """The person of a session, if they may still come in."""
        found = User._default_manager.select_related("preferences").filter(pk=user_id).first()
        return found if found is not None and self.user_can_authenticate(found) else None
