"""Labels are made anew when their method or the known answers change, and their version tells so."""

import pytest

from apps.campaigns.spec import Gold
from apps.datasets.models import Item
from apps.members.models import Trail
from apps.pipeline import flow
from apps.quality import services
from apps.quality.models import Consensus
from tests.running import handed_in, running

pytestmark = pytest.mark.django_db


def test_a_method_chosen_later_and_gold_added_later_make_all_labels_anew():
    campaign = running(items=6, redundancy=2, page_size=6)
    for answer in ("cat", "dog"):
        handed_in(campaign, answer=answer)
    first = services.combine(campaign).version

    for _ in range(2):
        flow.change_method(campaign, method="majority")
        services.combine(campaign)
    assert set(Consensus.objects.values_list("method", "version")) == {("majority", first + 1)}
    assert Trail.objects.filter(verb="change method", subject=campaign.key).count() == 1

    item = Item.objects.filter(dataset=campaign.dataset).last()
    flow.add_gold(campaign, rows=[Gold(item.external_id, ["dog"])])
    assert services.combine(campaign).version == first + 2


def test_nothing_else_is_a_method():
    with pytest.raises(ValueError, match="is not one of"):
        flow.change_method(running(), method="guessing")
