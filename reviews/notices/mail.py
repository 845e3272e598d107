"""E-mail: over SMTP where a server is named, else into the outbox folder. None comes in: answering decides nothing."""

import smtplib
from email.errors import MessageError
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.core.validators import validate_email
from django.utils import translation
from django.utils.translation import gettext as _

from orchestration.tools import email
from reviews.notices.composing import Letter
from reviews.notices.outcomes import Away, Refused
from reviews.reaching import Message

UNREAD = "answers-are-not-read@handrail.invalid"  # a name that leads nowhere, by its own standard
HEADERS = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All", "Precedence": "bulk"}


def send(message: Message, letter: Letter) -> None:
    """Hand one letter over. Raises `Away`, or `Refused`."""
    to = message.user.email
    try:
        validate_email(to)
    except ValidationError:
        raise Refused(_("There is no e-mail address to send it to.")) from None
    with translation.override(letter.language):
        made = _made(message, letter, to)
    if settings.SMTP_HOST:
        _over_smtp(made)
    else:
        _into_folder(made, f"notice-{message.key}")


def _made(message: Message, letter: Letter, to: str) -> EmailMultiAlternatives:
    sender = _("Nobody reads answers: decide on the page")
    made = EmailMultiAlternatives(
        letter.subject,
        letter.as_text(),
        to=[to],
        reply_to=[f'"{sender}" <{UNREAD}>'],
        headers={"Message-ID": f"<notice-{message.key}@handrail.invalid>", **HEADERS},
    )
    made.attach_alternative(letter.as_html(), "text/html")
    return made


def _over_smtp(made: EmailMultiAlternatives) -> None:
    try:
        made.send()
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _said in error.recipients.values()]
        _raise(max(codes, default=550), _("The mail server refuses the address."))
    except smtplib.SMTPResponseException as error:
        _raise(error.smtp_code, _("The mail server answered %(code)d.") % {"code": error.smtp_code})
    except OSError as error:  # smtplib's own are among these
        raise Away(_("The mail server cannot be reached (%(name)s).") % {"name": type(error).__name__}) from None
    except (MessageError, ValueError) as error:
        raise Refused(_("No message can be made of it (%(name)s).") % {"name": type(error).__name__}) from None


def _raise(code: int, told: str) -> None:
    raise (Refused if 500 <= code < 600 and code not in AUTHENTICATION else Away)(told) from None


AUTHENTICATION = {530, 534, 535, 538}  # the server wants another login: that is no fault of the message


def _into_folder(made: EmailMultiAlternatives, name: str) -> None:
    try:
        email.into_folder(made, Path(settings.OUTBOX), name)
    except OSError as error:
        raise Away(_("The outbox folder cannot be written (%(name)s).") % {"name": type(error).__name__}) from None
