"""Controls for values as people say them: shares in per cent, stretches of time in minutes, hours or days."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

UNITS = (("60", _("minutes")), ("3600", _("hours")), ("86400", _("days")))


class Percent(forms.FloatField):
    """A share of one, typed in per cent."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=0, max_value=100, step_size=None, **options)
        self.widget.attrs |= {"step": "any", "data-unit": "%"}

    def prepare_value(self, value: Any) -> Any:
        return f"{round(value * 100, 6):g}" if isinstance(value, float | int) else value

    def clean(self, value: Any) -> Any:
        typed = super().clean(value)
        return None if typed is None else round(typed / 100, 8)


class DurationWidget(forms.MultiWidget):
    template_name = "console/duration.html"

    def __init__(self) -> None:
        number = forms.NumberInput(attrs={"min": 0, "step": "any", "aria-label": _("how long")})
        super().__init__({"amount": number, "unit": forms.Select(attrs={"aria-label": _("unit")}, choices=UNITS)})

    def decompress(self, value: Any) -> list[Any]:
        """Return the number and the largest unit in which it is whole."""
        if not isinstance(value, int):
            return [None, "60"]
        unit = next((int(size) for size, _name in reversed(UNITS) if value and value % int(size) == 0), 60)
        return [f"{value / unit:g}", str(unit)]


class Duration(forms.MultiValueField):
    """Seconds, typed as a number and a unit."""

    widget = DurationWidget

    def __init__(self, **options: Any) -> None:
        parts = (forms.FloatField(min_value=0), forms.ChoiceField(choices=UNITS))
        super().__init__(parts, **options)

    def compress(self, data_list: list[Any]) -> int | None:
        return round(data_list[0] * int(data_list[1])) if data_list else None


class Lines(forms.CharField):
    """Names, one a line or with commas between."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"required": False, **options})

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        typed = str(super().clean(value) or "").replace("\n", ",").split(",")
        return [name.strip() for name in typed if name.strip()]


class Tiers(Lines):
    """Pay tiers of a campaign, typed as a skill in per cent and a price each."""

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return ", ".join(f"{round(tier['skill'] * 100, 6):g}: {tier['price']}" for tier in value)

    def clean(self, value: Any) -> list[Any]:
        return [self._tier(typed) for typed in super().clean(value)]

    @staticmethod
    def _tier(typed: str) -> dict[str, Any]:
        skill, _colon, price = typed.partition(":")
        try:
            return {"skill": round(float(skill.strip().removesuffix("%")) / 100, 8), "price": price.strip()}
        except ValueError:
            said = _("'%(typed)s' is no tier: write a skill in per cent, a colon and a price, as in 90: 0.30")
            raise forms.ValidationError(said, params={"typed": typed}) from None
