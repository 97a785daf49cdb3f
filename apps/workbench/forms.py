"""What is asked of people about themselves: who is invited, and what an account holds."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import global_settings, settings
from django.contrib.auth.password_validation import password_validators_help_text_html, validate_password
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from apps.core.languages import language
from apps.members.models import User


def languages() -> list[tuple[str, str]]:
    """Return the languages that a person may speak, by name; those of one country are one with the rest."""
    codes = {code.split("-")[0] for code, _name in global_settings.LANGUAGES} | {"zh-hans", "zh-hant"}
    return sorted(((code, language(code)) for code in codes if language(code) != code), key=lambda pair: pair[1])


def page_languages() -> list[tuple[str, str]]:
    """Return the languages that our pages have, each by its own name."""
    return [("", str(_("as the browser says"))), *settings.LANGUAGES]


def time_zones() -> list[tuple[str, str]]:
    """Return the time zones that people know by a city."""
    cities = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))
    return [("", str(_("as the browser says"))), ("UTC", "UTC"), *((zone, zone.replace("_", " ")) for zone in cities)]


class AboutMe(forms.Form):
    """How a person is called, which languages they speak, and how pages are shown to them."""

    name = forms.CharField(label=_("Name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    languages = forms.MultipleChoiceField(
        label=_("Languages you speak"),
        choices=languages,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Some work asks for a language."),
    )
    language = forms.ChoiceField(label=_("Language of these pages"), choices=page_languages, required=False)
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=time_zones, required=False)

    def __init__(self, *typed: Any, **values: Any) -> None:
        super().__init__(*typed, **values)
        spoken = set(self.initial.get("languages") or ())
        chosen: Any = self.fields["languages"]
        chosen.choices = sorted(languages(), key=lambda pair: pair[0] not in spoken)  # own ones first


class NewAccount(AboutMe):
    """What somebody who was invited chooses, and agrees to."""

    password = forms.CharField(
        label=_("Password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=lazy(password_validators_help_text_html, str)(),
    )
    agree = forms.BooleanField(label=_("I agree to these terms"))

    def __init__(self, *typed: Any, email: str, **values: Any) -> None:
        super().__init__(*typed, **values)
        self.email = email

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password, User(email=self.email, name=self.cleaned_data.get("name", "")))
        return password
