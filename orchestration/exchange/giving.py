"""Writing a workflow out: one version, or its draft, with its triggers."""

from orchestration.exchange import form
from orchestration.exchange.starting import describe
from orchestration.models import Version, Workflow
from orchestration.states import VersionStatus

DRAFT = "draft"


class NoSuchVersion(Exception):
    """The workflow has no version of that number, no draft, or nothing published."""


def chosen(workflow: Workflow, wanted: str = "") -> Version:
    """The version of that number, the draft, or by default the current one; else the draft, where nothing is published.

    Raises `NoSuchVersion`.
    """
    versions = workflow.versions.select_related("workflow")
    if wanted == DRAFT:
        found = versions.filter(status=VersionStatus.DRAFT).first()
    elif wanted:
        known = wanted.isascii() and wanted.isdigit() and len(wanted) < 10
        found = versions.filter(number=int(wanted)).first() if known else None
    else:
        found = workflow.current or versions.filter(status=VersionStatus.DRAFT).first()
    if found is None:
        raise NoSuchVersion
    return found


def written(version: Version) -> bytes:
    """The file of a version and of the triggers that its workflow has now."""
    triggers = version.workflow.triggers.select_related("owner", "source")[: form.MOST_TRIGGERS]
    return form.write(version.source, [describe(trigger) for trigger in triggers])


def file_name(version: Version) -> str:
    """What the file is called."""
    part = f"-{version.number}" if version.number else f"-{DRAFT}"
    return f"{version.workflow.slug}{part}{form.SUFFIX}"
