"""The form in which somebody says how they want to be told."""

import zoneinfo
from collections.abc import Iterator, Mapping
from datetime import time
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reviews.notices.choosing import USUAL, Way
from reviews.reaching import Channel, Kind, NoticeChoices

HOURLY, DAILY = "hourly", "daily"
SHOWN = tuple(kind for kind in Kind if kind != Kind.STOPPED)
EIGHT = time(8)


class NoticeForm(forms.Form):
    """By kind and channel how soon; when digests come; when it shall be quiet."""

    digest = forms.ChoiceField(
        label=gettext_lazy("A digest comes"),
        choices=[(HOURLY, gettext_lazy("every hour")), (DAILY, gettext_lazy("every day"))],
    )
    digest_at = forms.TimeField(label=gettext_lazy("Every day at"), required=False)
    quiet_from = forms.TimeField(label=gettext_lazy("Quiet from"), required=False)
    quiet_to = forms.TimeField(label=gettext_lazy("until"), required=False)
    urgent_passes = forms.BooleanField(label=gettext_lazy("What is urgent comes in quiet hours too"), required=False)
    zone = forms.ChoiceField(label=gettext_lazy("Time zone of these hours"), required=False)

    def __init__(self, data: Any = None, *, row: NoticeChoices | None = None) -> None:
        super().__init__(data, initial=_initial(row))
        zones = [(name, name.replace("_", " ")) for name in sorted(zoneinfo.available_timezones())]
        self.fields["zone"].choices = [("", _("that of my settings")), *zones]  # type: ignore[attr-defined]
        for kind in SHOWN:
            for channel in Channel:
                label = _("%(kind)s, by %(channel)s") % {"kind": kind.label, "channel": channel.label}
                field = forms.ChoiceField(label=label, choices=Way.choices)
                field.initial = USUAL[kind][channel]
                field.widget.attrs["aria-label"] = label
                self.fields[_name(kind, channel)] = field
        for name in ("digest_at", "quiet_from", "quiet_to"):
            self.fields[name].widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")

    def clean(self) -> dict[str, Any]:
        """Quiet hours have a beginning and an end."""
        said: dict[str, Any] = super().clean() or {}
        if (said.get("quiet_from") is None) != (said.get("quiet_to") is None):
            self.add_error("quiet_to", _("Give both times, or none of them."))
        if said.get("digest") == DAILY and said.get("digest_at") is None and "digest_at" not in self.errors:
            self.add_error("digest_at", _("Say at which time."))
        return said

    @property
    def rows(self) -> Iterator[tuple[str, list[tuple[str, BoundField]]]]:
        """The kinds, each with a field for each channel."""
        for kind in SHOWN:
            yield str(kind.label), [(str(channel.label), self[_name(kind, channel)]) for channel in Channel]

    @property
    def ways(self) -> dict[str, dict[str, str]]:
        """What was chosen by kind and channel."""
        return {
            kind.value: {channel.value: self.cleaned_data[_name(kind, channel)] for channel in Channel}
            for kind in SHOWN
        }

    @property
    def times(self) -> dict[str, Any]:
        """The times as they are kept."""
        said = self.cleaned_data
        return {
            "digest_at": _minutes(said["digest_at"]) if said["digest"] == DAILY else None,
            "quiet_from": _minutes(said["quiet_from"]),
            "quiet_to": _minutes(said["quiet_to"]),
            "urgent_passes": said["urgent_passes"],
            "zone": said["zone"],
        }


def _name(kind: str, channel: str) -> str:
    return f"way-{kind}-{channel}"


def _initial(row: NoticeChoices | None) -> dict[str, Any]:
    if row is None:
        return {"digest": HOURLY, "digest_at": EIGHT}
    ways: Mapping[str, Mapping[str, str]] = row.ways
    chosen = {_name(kind, channel): way for kind, by in ways.items() for channel, way in by.items()}
    return {
        **chosen,
        "digest": HOURLY if row.digest_at is None else DAILY,
        "digest_at": EIGHT if row.digest_at is None else _time(row.digest_at),
        "quiet_from": _time(row.quiet_from),
        "quiet_to": _time(row.quiet_to),
        "urgent_passes": row.urgent_passes,
        "zone": row.zone,
    }


def _minutes(at: time | None) -> int | None:
    return None if at is None else at.hour * 60 + at.minute


def _time(minutes: int | None) -> time | None:
    return None if minutes is None else time(minutes // 60, minutes % 60)
