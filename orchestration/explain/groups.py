"""What groups of people are called on a page."""

from typing import Any

from django.utils.translation import gettext as _


def called(name: str) -> str:
    """A group in the plural: the roles and the groups of the templates in the reader's language, any other as it is."""
    known = {
        "reviewer": _("Reviewers"),
        "owner": _("Owners"),
        "admin": _("Admins"),
        "manager": _("Managers"),
        "finance": _("Finance"),
        "finance-lead": _("Finance leads"),
        "legal": _("Legal"),
        "legal-lead": _("Legal leads"),
        "editor": _("Editors"),
        "chief-editor": _("Chief editors"),
        "procurement": _("Procurement"),
        "hiring": _("Hiring"),
        "hiring-lead": _("Hiring leads"),
    }
    return known.get(name, name)


def deciding(review: dict[str, Any]) -> str:
    """The group that decides at a review point, as far as a draft says it."""
    group = review.get("group")
    return called(str(group)) if group else _("People to be named")
