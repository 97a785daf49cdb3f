"""The steps in their order: what each asks, and whether it is done. Controls have the names of a campaign's file."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.campaigns import spec
from apps.campaigns.models import Campaign
from apps.console.forms import steps as asked
from apps.console.forms.settings import RAW, Settings
from apps.console.showing import field_names
from apps.kinds import of
from apps.kinds.errors import Bad
from apps.pipeline.preflight import TELLING

Forms = list[forms.Form]
Typed = Mapping[str, Any] | None


@dataclass(frozen=True)
class Step:
    """One page; `ask` makes its forms for a draft and what was typed, None at first."""

    name: str
    title: Any
    about: Any
    ask: Callable[[Campaign, Typed], Forms]
    is_done: Callable[[Campaign], bool] = lambda campaign: True
    template: str = "console/step.html"
    is_read: bool = False  # what is typed is shown beside it as workers read it


def values(given: Forms) -> dict[str, Any]:
    """Return what valid forms hold as a campaign's file has it."""
    found: dict[str, Any] = {}
    for form in given:
        found |= {"settings": form.raw} if isinstance(form, Settings) else form.cleaned_data
    return found


def _simple(*kinds: type[forms.Form]) -> Callable[[Campaign, Typed], Forms]:
    return lambda campaign, typed: [kind(typed, initial=spec.written(campaign)) for kind in kinds]


def _labels(campaign: Campaign, typed: Typed) -> Forms:
    fields = field_names(campaign.dataset)
    seen = campaign.show or [name for name in fields if name.lower() not in TELLING]
    return [
        Settings(typed, kind=of(campaign.kind), fields=fields, initial=campaign.settings),
        asked.Shown(typed, fields=fields, initial={"show": seen}),
    ]


def _suggestions(campaign: Campaign, typed: Typed) -> Forms:
    fields = list(dict.fromkeys([*field_names(campaign.dataset), campaign.suggestion_field]))
    return [asked.Suggestions(typed, fields=[name for name in fields if name], initial=spec.written(campaign))]


def _who(campaign: Campaign, typed: Typed) -> Forms:
    others = Campaign.objects.filter(organization=campaign.organization_id, launched_at__isnull=False)
    scopes = [(other.key, str(other)) for other in others.exclude(pk=campaign.pk)[:200]]
    return [asked.Who(typed, scopes=scopes, initial=spec.written(campaign))]


def _has_settings(campaign: Campaign) -> bool:
    try:
        of(campaign.kind).read_settings(campaign.settings)
    except (Bad, LookupError):
        return False
    return bool(campaign.show)


STEPS = (
    Step(
        "data", _("Data"), _("What is labelled, with what kind of question, and what for."),
        _simple(asked.DataAgain, asked.Purpose),
    ),
    Step(
        "labels", _("Labels"), _("The question, its answers, and what workers see while they decide."), _labels,
        is_done=_has_settings, template="console/labels.html",
    ),
    Step(
        "guidelines", _("Guidelines"), _("What workers are told to do. Nothing costs more than unclear ones."),
        _simple(asked.Guidelines), is_done=lambda campaign: campaign.guidelines.exists(),
        template="console/guidelines.html", is_read=True,
    ),
    Step(
        "gold", _("Gold"), _("Questions whose answers you know, mixed in unnoticed: they tell who works with care."),
        _simple(asked.GoldRules), is_done=lambda campaign: campaign.gold_share == 0 or campaign.gold.exists(),
        template="console/gold.html",
    ),
    Step(
        "suggestions", _("Suggestions"),
        _("If a model guessed answers already: who sees them. They never count as answers. Without a model, go on."),
        _suggestions,
    ),
    Step(
        "quality", _("Quality"), _("How many people answer, and how their answers become one label."),
        _simple(asked.Quality, asked.Pilot),
    ),
    Step(
        "pay", _("Pay"), _("What a page pays, and what the whole may cost."), _simple(asked.Pay),
        is_done=lambda campaign: campaign.price > 0 and campaign.budget > 0, template="console/pay.html",
    ),
    Step("who", _("Workers"), _("Where it is offered, and to whom."), _who),
)  # fmt: skip
BY_NAME = {step.name: step for step in STEPS}
# What a finding of the preflight is about -> the step that mends it.
MENDED_IN = {
    "data": "data", "settings": "labels", "show": "labels", "guidelines": "guidelines", "gold": "gold",
    "suggestions": "suggestions", "quality": "quality", "pay": "pay", "budget": "pay", "funds": "pay", "who": "who",
}  # fmt: skip


def after(step: Step) -> str:
    """Return the name of the step that follows, "" after the last."""
    at = STEPS.index(step)
    return STEPS[at + 1].name if at + 1 < len(STEPS) else ""


def tell(given: Forms, problems: list[str]) -> None:
    """Put each problem beside the control that it names, or above the first form."""
    for problem in problems:
        named = problem.split(" ")[0].strip(":'").lower().replace("[", ".").split(".")
        places = ((form, name) for name in reversed(named) for form in given if name in form.fields)
        form, name = next(places, (given[0], RAW if RAW in given[0].fields else None))
        form.add_error(name, problem[:1].upper() + problem[1:])
