"""A worker's browser without scripts, and campaigns of every kind."""

from typing import Any

from django.test import Client

from apps.campaigns.models import Campaign
from apps.kinds import forms, of, rendering
from apps.work.models import Assignment
from tests.factories import UserFactory
from tests.kinds.posted_forms import Form
from tests.running import running, worker_of

JSON = {"HTTP_ACCEPT": "application/json", "content_type": "application/json"}


def asking(kind: str, **values: Any) -> Campaign:
    """Return a running campaign of a kind, with its example settings; every item is the example item."""
    examples = of(kind).examples
    campaign = running(kind=kind, settings=examples.settings, **values)
    for item in campaign.dataset.items.all():
        item.data = {**examples.item, "note": f"seen by {item.external_id}"}
        item.save()
    return campaign


def logged_in(campaign: Campaign, **values: Any) -> Client:
    """Return the client of a new worker of the campaign."""
    client = Client()
    user = UserFactory()
    worker_of(campaign, user=user, **values)
    client.force_login(user)
    return client


def html(answer: Any) -> str:
    return answer.content.decode()


def started(client: Client, campaign: Campaign) -> Assignment:
    """Return a page that the client leased by pressing the button."""
    answer = client.post(f"/work/{campaign.pk}/lease")
    return Assignment.objects.get(pk=answer["Location"].split("/")[-2])


def form_of(client: Client, page: Assignment) -> dict[str, Any]:
    """Return what the page's form would post as it stands."""
    return posted(html(client.get(f"/work/pages/{page.pk}/")))


def posted(text: str) -> dict[str, Any]:
    text = text.replace("\r\n", "\n")  # as browsers do before they read anything
    begin = text.index('<form class="lc-page')
    return dict(Form(text[begin : text.index("</form>", begin)]).posted)


def filled(page: Assignment, answer: Any, **also: str) -> dict[str, Any]:
    """Return what the page's form posts when every question got this raw answer."""
    kind = of(page.campaign.kind)
    settings = kind.read_settings(page.campaign.settings)
    fields: dict[str, Any] = dict(also)
    for token in tokens(page):
        fields |= Form(rendering.widget(kind, settings, place=token, answer=answer)).posted
        assert forms.relative(fields.items(), token), "a widget without controls can't be used without scripts"
    return fields


def tokens(page: Assignment) -> list[str]:
    return [token.hex for token in page.places.order_by("position").values_list("token", flat=True)]
