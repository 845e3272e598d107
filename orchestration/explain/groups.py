"""What groups of people are called on a page."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

NAMES = {
    "reviewer": gettext_noop("Reviewers"),
    "owner": gettext_noop("Owners"),
    "admin": gettext_noop("Admins"),
    "manager": gettext_noop("Managers"),
    "finance": gettext_noop("Finance"),
    "finance-lead": gettext_noop("Finance leads"),
    "legal": gettext_noop("Legal"),
    "legal-lead": gettext_noop("Legal leads"),
    "editor": gettext_noop("Editors"),
    "chief-editor": gettext_noop("Chief editors"),
    "procurement": gettext_noop("Procurement"),
    "hiring": gettext_noop("Hiring"),
    "hiring-lead": gettext_noop("Hiring leads"),
}


def called(name: str) -> str:
    """A group in the plural: the roles and the groups of the templates in the reader's language, any other as it is."""
    return _(NAMES[name]) if name in NAMES else name
