"""What each step of making a campaign asks, in words of people; names are those of a campaign's file."""

from typing import Any

from django import forms
from django.contrib.postgres.forms import SimpleArrayField
from django.utils.translation import gettext_lazy as _

from apps.campaigns.models import Campaign
from apps.console.forms.fields import Duration, Percent, Tiers
from apps.datasets.label_studio import REST
from apps.datasets.models import Dataset
from apps.kinds import names, of
from apps.workforce.models import Channel


def kinds() -> list[tuple[str, str]]:
    """Return the kinds of question by their titles, as people look for one."""
    found = [(name, f"{of(name).title}: {of(name).help}") for name in names()]
    return sorted(found, key=lambda kind: kind[1])


class Names(SimpleArrayField):
    """Names with commas between."""

    def __init__(self, **options: Any) -> None:
        super().__init__(forms.CharField(), **{"required": False, **options})


class Data(forms.Form):
    """The first step: from here on the draft is a row."""

    name = forms.CharField(
        label=_("Name"),
        max_length=150,
        help_text=_("What workers read in the list of campaigns."),
    )
    dataset = forms.ModelChoiceField(
        Dataset.objects.none(), label=_("Dataset"), empty_label=_("Choose what is labelled")
    )
    kind = forms.ChoiceField(label=_("Kind of question"), choices=kinds, widget=forms.RadioSelect)


class DataAgain(forms.Form):
    """The first step, looked at again: the items stay."""

    name = Data.base_fields["name"]
    kind = Data.base_fields["kind"]


class Purpose(forms.Form):
    """What a campaign is for: to label, to train workers, or to test them."""

    purpose = forms.ChoiceField(
        label=_("What it is for"),
        choices=Campaign.Purpose.choices,
        required=False,
        widget=forms.RadioSelect,
        help_text=_("A training gives hints until all is right, a test grades; both ask known answers alone."),
    )
    grants = forms.CharField(
        label=_("Grants the qualification"),
        required=False,
        max_length=100,
        help_text=_("Of a training or test: what it grants who passes; other campaigns may ask for it."),
    )
    pass_share = Percent(
        label=_("Passed from"), required=False, help_text=_("In per cent of right answers, of a training or test.")
    )

    def clean_purpose(self) -> str:
        return self.cleaned_data["purpose"] or Campaign.Purpose.WORK.value

    def clean_pass_share(self) -> float:
        typed: float | None = self.cleaned_data["pass_share"]
        return Campaign._meta.get_field("pass_share").default if typed is None else typed


class Shown(forms.Form):
    """Which fields of an item workers see; made of the fields that the items have."""

    show = forms.MultipleChoiceField(
        label=_("What workers see of an item"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one field: workers need something to judge.")},
    )

    def __init__(self, *typed: Any, fields: list[str], **options: Any) -> None:
        super().__init__(*typed, **options)
        self.fields["show"].choices = [(name, name) for name in fields]  # type: ignore[attr-defined]


class Guidelines(forms.Form):
    guidelines = forms.CharField(
        label=_("Guidelines"),
        widget=forms.Textarea(attrs={"rows": 14}),
        help_text=_(
            "What to do, with good and bad examples, and what to do in doubt. Markdown: ## heading, - list, **bold**, "
            "- ✓ a good example, - ✗ a bad one. Workers have them one key away; a later change is published as a new "
            "version."
        ),
    )
    language = forms.CharField(
        label=_("Language of the questions"),
        required=False,
        max_length=35,
        help_text=_(
            "A tag such as en, pt-BR or ar, by which screen readers read them. It is that of items too, unless an item "
            "names its own. The page around them is in each worker's language."
        ),
    )
    content_warning = forms.CharField(
        label=_("Content warning"),
        required=False,
        max_length=300,
        help_text=_("What may upset somebody, told before they start; empty if there is nothing."),
    )
    senses = forms.MultipleChoiceField(
        label=_("It can't be done without"),
        choices=Campaign.Sense.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Told to workers beforehand, so that nobody starts what they can't finish."),
    )


class GoldRules(forms.Form):
    """How questions with known answers are mixed in, and what follows from missing them."""

    gold_share = Percent(
        label=_("Share of gold questions"),
        help_text=_("In per cent of all places; 5 to 10 is usual. Paid like the others."),
    )
    early_gold = forms.IntegerField(
        label=_("Among a worker's first ten"),
        min_value=0,
        max_value=10,
        help_text=_("So many of a worker's first ten places are gold, to find out soon who has understood."),
    )
    least_gold_accuracy = Percent(
        label=_("Right at least"),
        help_text=_(
            "In per cent. Below it, a page is put before you and not paid at once; nothing is rejected by itself."
        ),
    )
    least_gold_answers = forms.IntegerField(
        label=_("…once so many were answered"), min_value=1, help_text=_("One miss says little about anybody.")
    )
    when_gold_is_used_up = forms.ChoiceField(
        label=_("When a worker has seen all gold"), choices=Campaign.WhenGoldIsUsedUp.choices, widget=forms.RadioSelect
    )


class Suggestions(forms.Form):
    """A model's answers: where they are, whose, and who sees them."""

    suggested_to = forms.ChoiceField(
        label=_("Who sees them"),
        choices=Campaign.SuggestedTo.choices,
        required=False,
        widget=forms.RadioSelect,
        help_text=_("Whoever sees a suggestion agrees with it more often than they would by themselves."),
    )
    suggestion_field = forms.ChoiceField(
        label=_("Field that holds them"),
        required=False,
        help_text=_(
            "Each item's, as an answer to the question would be written; a list as JSON. Workers don't see the field "
            "itself: leave it out of what they see of an item. After the launch no field can be chosen any more; who "
            "sees what it holds can be changed."
        ),
    )
    suggestion_model = forms.CharField(
        label=_("The model's name"),
        required=False,
        max_length=150,
        help_text=_("For reviewers, and in exports. Of Label Studio's predictions, those of this version are taken."),
    )
    suggestion_withheld = Percent(
        label=_("Asked without it"),
        required=False,
        help_text=_(
            "In per cent of workers' questions, drawn at random: only they tell what workers would have answered by "
            "themselves. 20 is a good beginning."
        ),
    )

    def __init__(self, *typed: Any, fields: list[str], **options: Any) -> None:
        super().__init__(*typed, **options)
        named = [(name, _("predictions of Label Studio") if name == REST else name) for name in fields]
        self.fields["suggestion_field"].choices = [("", "–"), *named]  # type: ignore[attr-defined]

    def clean_suggested_to(self) -> str:
        return self.cleaned_data["suggested_to"] or Campaign.SuggestedTo.NOBODY.value

    def clean_suggestion_withheld(self) -> float:
        """Return the usual one where none is asked for."""
        given: float | None = self.cleaned_data["suggestion_withheld"]
        return Campaign._meta.get_field("suggestion_withheld").default if given is None else given


class Quality(forms.Form):
    redundancy = forms.IntegerField(
        label=_("Answers for each item"),
        min_value=1,
        max_value=1000,
        help_text=_("By different workers. With 1 nobody can tell how sure a label is; 3 is usual."),
    )
    redundancy_max = forms.IntegerField(
        label=_("Answers for a doubtful item, at most"),
        required=False,
        min_value=1,
        max_value=1000,
        help_text=_(
            "Where the label is not sure, more workers are asked, one by one. Empty: nobody is asked again. To pay for "
            "few answers, begin with 1 for each item (2 where answers are not chosen from a list), and 3 % of gold."
        ),
    )
    target_confidence = Percent(
        label=_("Sure enough from"),
        required=False,
        help_text=_("In per cent of confidence; the answers that are saved grow as it falls. 98 is careful."),
    )
    page_size = forms.IntegerField(
        label=_("Questions on a page"), min_value=1, max_value=200, help_text=_("Handed out, and paid, together.")
    )
    lease_seconds = Duration(
        label=_("Time for a page"),
        help_text=_("After it, others may get its questions. Be generous: some people need more than others."),
    )
    method = forms.ChoiceField(
        label=_("How answers are combined"),
        choices=Campaign.Method.choices,
        widget=forms.RadioSelect,
        help_text=_("Dawid-Skene weighs workers by how reliable they turn out to be; majority counts heads."),
    )
    review = forms.ChoiceField(
        label=_("Who decides about pages"),
        choices=Campaign.Review.choices,
        required=False,
        widget=forms.RadioSelect,
        help_text=_("Either way, only a person rejects a page, with a reason that the worker is told."),
    )
    approve_after_seconds = Duration(
        label=_("You decide within"), help_text=_("A page put before you is paid if nobody decides by then.")
    )
    grace_seconds = Duration(
        label=_("Workers may change a page for"), help_text=_("After handing it in; nobody judges it before.")
    )
    broken_after = forms.IntegerField(
        label=_("Reports that take a question out"),
        min_value=1,
        help_text=_("When so many workers say that an item is broken, nobody is asked any more; they are paid."),
    )
    most_reported = Percent(
        label=_("You look at reports from"),
        required=False,
        help_text=_(
            "In per cent of a worker's questions, and three more: who reports more has such pages put before you. "
            "Empty: 20."
        ),
    )

    def clean_review(self) -> str:
        return self.cleaned_data["review"] or Campaign.Review.RULE.value

    def clean_most_reported(self) -> float:
        """Return the usual one where none is asked for."""
        given: float | None = self.cleaned_data["most_reported"]
        return Campaign._meta.get_field("most_reported").default if given is None else given

    def clean_target_confidence(self) -> float:
        """Return the usual one where none is asked for."""
        given: float | None = self.cleaned_data["target_confidence"]
        return given or Campaign._meta.get_field("target_confidence").default


class Pilot(forms.Form):
    """The first items alone, and what must come of them before the others follow."""

    pilot_items = forms.IntegerField(
        label=_("Begin with a pilot of"),
        min_value=0,
        max_value=100,
        help_text=_("So many items first, 10 to 100; 0 for all at once. The others follow when the pilot went well."),
    )
    pilot_least_gold_accuracy = Percent(
        label=_("It went well if gold was right in"),
        required=False,
        help_text=_("In per cent; below it, the campaign pauses and you decide. Empty: not asked."),
    )
    pilot_least_agreement = forms.FloatField(
        label=_("…and if workers agreed by"),
        required=False,
        min_value=-1,
        max_value=1,
        widget=forms.NumberInput(attrs={"step": "any"}),
        help_text=_("Krippendorff's alpha: 0 is chance, 1 is all alike; 0.67 is a usual bound. Empty: not asked."),
    )


class Pay(forms.Form):
    price = forms.CharField(label=_("Price of a page"), help_text=_("What a worker gets for a full page, as in 0.25."))
    pay_tiers = Tiers(
        label=_("More for proven skill"),
        help_text=_(
            "As in 90: 0.30, 95: 0.35: once a worker's skill is certain to be so many per cent, pages pay that."
        ),
    )
    currency = forms.CharField(label=_("Currency"), max_length=3, help_text=_("Three letters, as in USD."))
    budget = forms.CharField(
        label=_("Budget"), help_text=_("Never spent beyond, as in 50.00. What is left comes back at the end.")
    )


class Who(forms.Form):
    channel = forms.ChoiceField(
        label=_("Where it is offered"),
        choices=Channel.choices,
        widget=forms.RadioSelect,
        help_text=_(
            "The market is the endpoint that AWS_ENDPOINT_URL_MTURK names, of whatever service that speaks MTurk's "
            "API, as another labelcrowd's. Amazon's own closed on 2026-09-30."
        ),
    )
    groups = Names(label=_("Only these groups"), help_text=_("With commas between; empty means everybody."))
    languages = Names(
        label=_("Languages"), help_text=_("The worker speaks one of them, as in en, de; empty means any.")
    )
    qualifications = Names(
        label=_("Needed qualifications"), help_text=_("What a worker must have been granted, all of it; with commas.")
    )
    least_skill = Percent(
        label=_("Skill of at least"),
        required=False,
        help_text=_("In per cent; empty means that it does not matter."),
    )
    skill_scope = forms.ChoiceField(
        label=_("…measured in"), required=False, help_text=_("Whose measure of a worker's skill counts.")
    )
    most_pages = forms.IntegerField(
        label=_("Pages a worker may do"),
        required=False,
        min_value=1,
        help_text=_("So that no single person makes most of the labels; empty means as many as there are."),
    )

    def __init__(self, *typed: Any, scopes: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*typed, **options)
        self.fields["skill_scope"].choices = [("", _("this campaign")), *scopes]  # type: ignore[attr-defined]
