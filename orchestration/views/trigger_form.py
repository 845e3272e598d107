"""The form of a trigger: its own fields by kind, and an expression for each field of the workflow's input."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _

from audit.models import User
from orchestration.models import Trigger, Workflow
from orchestration.states import RunStatus
from orchestration.triggers import chains, kinds, schedules, webhooks
from orchestration.triggers.keeping import LONGEST_NAME, Wanted
from orchestration.triggers.kinds import API, OUTCOME, SCHEDULE, WEBHOOK
from orchestration.views.filing import FiledForm

LONGEST = 2000  # characters of an expression
USUAL_HEADERS = "content-type, user-agent"


class TriggerForm(FiledForm):
    """What somebody wants a trigger to be. The trigger's own rules are asked when it is made or changed."""

    def __init__(
        self, workflow: Workflow, kind: str, user: User, data: Any = None, *, trigger: Trigger | None = None
    ) -> None:
        super().__init__(data, initial=_initial(trigger) if trigger else None)
        self.kind, self.trigger, self.workflow = kind, trigger, workflow
        self.mapped: list[str] = []
        name = forms.CharField(max_length=LONGEST_NAME, label=_("Name"), initial=str(kinds.known()[kind].label))
        name.widget.attrs["autocomplete"] = "off"
        self.fields["name"] = name
        makers = {SCHEDULE: _of_schedule, WEBHOOK: _of_webhook, OUTCOME: _of_outcome}
        if kind in makers:
            self.fields.update(makers[kind](workflow, user))
        if kind != API:
            self._map(workflow)
        if trigger is not None and trigger.owner_id != user.pk:
            label = _("I answer for it from now on: its runs count as started by me.")
            self.fields["take_over"] = forms.BooleanField(required=False, label=label)

    def _map(self, workflow: Workflow) -> None:
        schema = workflow.current.document["input"] if workflow.current else {"properties": {}}
        required = schema.get("required", [])
        names = [*required, *(name for name in schema["properties"] if name not in required)]
        for name in names:
            spec = schema["properties"].get(name, {})
            self.mapped.append(f"map-{name}")
            self.fields[f"map-{name}"] = forms.CharField(
                max_length=LONGEST,
                required=name in required and "default" not in spec,
                label=str(spec.get("title") or name),
                help_text=str(spec.get("description", "")),
                widget=forms.TextInput(attrs={"class": "mono", "spellcheck": "false", "autocomplete": "off"}),
            )

    @property
    def own(self) -> list[forms.BoundField]:
        """The fields that are no expressions."""
        return [self[name] for name in self.fields if name not in self.mapped and name != "take_over"]

    @property
    def expressions(self) -> list[forms.BoundField]:
        """The fields of the mapping."""
        return [self[name] for name in self.mapped]

    @property
    def mapping(self) -> dict[str, str]:
        """The expressions that were given, by the field of the input."""
        texts = {name.removeprefix("map-"): self.cleaned_data.get(name, "").strip() for name in self.mapped}
        return {name: text for name, text in texts.items() if text}

    @property
    def wanted(self) -> Wanted:
        """What was asked for."""
        given = self.cleaned_data
        config: dict[str, Any] = {} if self.kind == API else {"mapping": self.mapping}
        if self.kind == SCHEDULE:
            config |= {"cron": " ".join(given["cron"].split()), "zone": given["zone"], "missed": given["missed"]}
        elif self.kind == WEBHOOK:
            names = [name.strip().lower() for name in given["headers"].split(",")]
            config |= {"headers": [name for name in names if name], "per_minute": given["per_minute"]}
        elif self.kind == OUTCOME:
            config |= {"ends": given["ends"], "outcome": given["outcome"].strip()}
        return Wanted(given["name"].strip(), config, given.get("source"))


def _initial(trigger: Trigger) -> dict[str, Any]:
    config = trigger.config
    found = {"name": trigger.name, "source": trigger.source_id, **config}
    if "headers" in config:
        found["headers"] = ", ".join(config["headers"])
    return found | {f"map-{name}": text for name, text in config.get("mapping", {}).items()}


def _of_schedule(workflow: Workflow, user: User) -> dict[str, forms.Field]:
    mono = {"class": "mono", "spellcheck": "false", "autocomplete": "off"}
    missed = [
        (schedules.SKIP, _("Skip it")),
        (schedules.ONE, _("Start one run for all of it")),
        (schedules.ALL, _("Start a run for each moment, the newest %d") % schedules.MOST_MADE_UP),
    ]
    hint = _("Minute, hour, day of the month, month, day of the week: 30 2 * * MON-FRI is half past two on workdays.")
    return {
        "cron": forms.CharField(
            max_length=schedules.LONGEST_CRON,
            label=_("Schedule"),
            help_text=hint,
            initial="0 8 * * MON-FRI",
            widget=forms.TextInput(attrs=mono),
        ),
        "zone": forms.CharField(
            max_length=60,
            label=_("Time zone"),
            initial=settings.TIME_ZONE,
            help_text=_("As in Europe/Berlin. Summer and winter time are followed."),
            widget=forms.TextInput(attrs=mono),
        ),
        "missed": forms.ChoiceField(choices=missed, label=_("What was missed while Handrail stood still")),
    }


def _of_webhook(workflow: Workflow, user: User) -> dict[str, forms.Field]:
    return {
        "headers": forms.CharField(
            max_length=1000,
            required=False,
            initial=USUAL_HEADERS,
            label=_("Headers that the mapping can read"),
            help_text=_("Names, parted by commas. No other header is read or kept."),
            widget=forms.TextInput(attrs={"class": "mono", "spellcheck": "false", "autocomplete": "off"}),
        ),
        "per_minute": forms.IntegerField(
            min_value=1, max_value=webhooks.MOST_A_MINUTE, initial=webhooks.A_MINUTE, label=_("Most messages a minute")
        ),
    }


def _of_outcome(workflow: Workflow, user: User) -> dict[str, forms.Field]:
    ends = [
        (RunStatus.DONE.value, _("It is done")),
        (RunStatus.FAILED.value, _("It failed")),
        (RunStatus.CANCELLED.value, _("It was cancelled")),
        (chains.ANY, _("It ended, however")),
    ]
    seen = Workflow.objects.allowed(user, "view").defer("purpose")
    return {
        "source": forms.ModelChoiceField(seen, label=_("When a run of this workflow ends"), empty_label=_("Choose")),
        "ends": forms.ChoiceField(choices=ends, label=_("And")),
        "outcome": forms.CharField(
            max_length=120,
            required=False,
            label=_("Only with this outcome"),
            help_text=_("The outcome's label, exactly; empty means any."),
        ),
    }
