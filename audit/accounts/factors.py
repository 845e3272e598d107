"""Second factors: authenticator apps, passkeys and recovery codes. Secrets are kept encrypted, changes are events."""

from io import BytesIO
from typing import Any

import qrcode
from allauth.core import context
from allauth.mfa import signals
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.signals import user_login_failed
from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.http import HttpRequest
from django.utils.translation import gettext as _
from qrcode.image.svg import SvgPathImage

from audit import encrypted
from audit.accounts import required
from audit.actors import person
from audit.ledger import record
from audit.models import User

PURPOSE = b"handrail second factors"
NAMES = {"totp": "authenticator app", "webauthn": "passkey", "recovery_codes": "recovery codes"}  # in the ledger


class Factors(DefaultMFAAdapter):  # type: ignore[misc]
    """How factors are named and kept."""

    def encrypt(self, text: str) -> str:
        """A copy of the database opens no account."""
        return encrypted.close(text, PURPOSE)

    def decrypt(self, encrypted_text: str) -> str:
        """What was closed; after a change of the secret key it fits no code any more."""
        try:
            return encrypted.open_up(encrypted_text, PURPOSE)
        except encrypted.Lost:
            raise self.validation_error("incorrect_code") from None

    def get_totp_issuer(self) -> str:
        """What the app shows above the code."""
        return f"Handrail, {settings.HANDRAIL_WORKSPACE}"

    def get_totp_label(self, user: User) -> str:
        """Whose code it is."""
        return user.username

    def build_totp_svg(self, url: str) -> str:
        """The picture to scan, for a page without `data:`; on paper white, as phones read it best."""
        drawn = BytesIO()
        qrcode.make(url, image_factory=SvgPathImage, border=2).save(drawn)
        return drawn.getvalue().decode().partition("?>")[2].strip()

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Passkeys belong to the name of this host."""
        return {**super().get_public_key_credential_rp_entity(), "name": self.get_totp_issuer()}

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:  # noqa: A002
        """A name to begin with."""
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return _("Passkey") if number == 1 else _("Passkey %(number)d") % {"number": number}


def connect() -> None:
    """Listen to what people change about their factors."""
    post_save.connect(added, sender=Authenticator, dispatch_uid="audit.factor_added")
    post_delete.connect(removed, sender=Authenticator, dispatch_uid="audit.factor_removed")
    signals.authentication_failed.connect(failed, dispatch_uid="audit.factor_failed")


@transaction.atomic
def added(sender: Any, instance: Authenticator, created: bool, **_: Any) -> None:
    """A factor was set up: whoever did has shown that they hold it."""
    if not created:
        return
    record("user.factor_added", instance.user, **_told(instance))
    if instance.type in required.FACTORS and (request := _own_request(instance)) is not None:
        required.passed(request, instance.user)


@transaction.atomic
def removed(sender: Any, instance: Authenticator, **_: Any) -> None:
    """A factor was taken away; where one is asked for, another one has to be set up before anything else."""
    record("user.factor_removed", instance.user, **_told(instance))
    if not required.has_factor(instance.user) and (request := _own_request(instance)) is not None:
        required.forget(request)


def failed(sender: Any, request: HttpRequest, user: User, **_: Any) -> None:
    """A wrong code counts like a wrong password."""
    user_login_failed.send(sender=__name__, credentials={"username": user.username}, request=request)


def _told(factor: Authenticator) -> dict[str, Any]:
    return {"actor": person(factor.user), "body": {"name": NAMES[factor.type]}}


def _own_request(factor: Authenticator) -> HttpRequest | None:
    """The request in which somebody changes a factor of their own."""
    request: HttpRequest | None = context.request
    return request if request is not None and request.user.pk == factor.user_id else None
