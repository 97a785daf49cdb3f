"""What an item shows, as a key: the same for who sees it through HTTP and for who knows the dataset."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from apps.campaigns.models import Campaign
from apps.datasets.models import Item, Media
from apps.kinds.viewer import parts
from apps.work.queries import shown

Given = Mapping[str, Any]  # one field of an item, as the page's JSON has it


def seen(given: list[Given], fetch: Callable[[str], bytes]) -> str:
    """Return the key of an item as a worker's page shows it; `fetch` gets the bytes of a picture or sound."""
    return _key((one["name"], _fetched(one.get("url", ""), fetch) or one.get("text", "")) for one in given)


def known(campaign: Campaign) -> Iterator[tuple[str, str]]:
    """Yield the key and the external id of every item of the campaign's dataset."""
    media = dict(Media.objects.filter(dataset=campaign.dataset_id).values_list("name", "sha256"))
    items = Item.objects.filter(dataset=campaign.dataset_id).order_by("pk").values_list("external_id", "data")
    for external_id, data in items.iterator():
        # The hash stands where a page has the address of what it is of.
        shown_parts = parts(shown(data, campaign), lambda name: media.get(name, ""))
        yield _key((part.name, part.url or part.text) for part in shown_parts), external_id


def _fetched(url: str, fetch: Callable[[str], bytes]) -> str:
    return hashlib.sha256(fetch(url)).hexdigest() if url else ""


def _key(contents: Iterator[tuple[str, str]]) -> str:
    return hashlib.sha256(json.dumps(sorted(contents)).encode()).hexdigest()
