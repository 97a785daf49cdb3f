"""What an item shows, as a key: the same for who sees it through HTTP and for who knows the dataset."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from apps.campaigns.models import Campaign
from apps.datasets.models import Item, Media
from apps.work.queries import shown

Part = Mapping[str, Any]


def seen(parts: list[Part], fetch: Callable[[str], bytes]) -> str:
    """Return the key of an item as a worker's page shows it; `fetch` gets the bytes of a picture or sound."""
    return _key(
        (part["name"], part["text"] if part["type"] == "text" else hashlib.sha256(fetch(part["url"])).hexdigest())
        for part in parts
    )


def known(campaign: Campaign) -> Iterator[tuple[str, str]]:
    """Yield the key and the external id of every item of the campaign's dataset."""
    media = dict(Media.objects.filter(dataset=campaign.dataset_id).values_list("name", "sha256"))
    items = Item.objects.filter(dataset=campaign.dataset_id).order_by("pk").values_list("external_id", "data")
    for external_id, data in items.iterator():
        yield _key(_contents(shown(data, campaign), media)), external_id


def _contents(data: Mapping[str, Any], media: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, value in data.items():
        if isinstance(value, dict) and "media" in value:
            yield name, media[value["media"]]
        else:
            yield name, value if isinstance(value, str) else json.dumps(value)


def _key(contents: Iterator[tuple[str, str]]) -> str:
    return hashlib.sha256(json.dumps(sorted(contents)).encode()).hexdigest()
