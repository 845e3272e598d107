"""Forms of allauth, as our pages show them."""

from typing import Any

from allauth.account.forms import LoginForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm


class SignIn(LoginForm):  # type: ignore[misc]
    """The name of a person and their password."""

    def add_prefix(self, field_name: str) -> str:
        """Browsers and password managers know a field of this name."""
        return "username" if field_name == "login" else str(super().add_prefix(field_name))


class NewPasskey(AddWebAuthnForm):  # type: ignore[misc]
    """A passkey that one signs in with alone, as far as nothing else is said."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].max_length = 60
        self.fields["name"].widget.attrs |= {"maxlength": 60, "autocomplete": "off"}
        if not self.is_bound:
            self.initial.setdefault("passwordless", True)
