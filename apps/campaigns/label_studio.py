"""Campaigns from and to Label Studio's labeling configurations. Which kind a question is, the kinds say themselves."""

from dataclasses import replace
from typing import Any

from apps.campaigns.models import Campaign
from apps.datasets.models import Item
from apps.kinds import label_studio, names, viewer
from apps.kinds import of as of_kind
from apps.kinds.errors import Bad
from apps.kinds.label_studio import BadConfig, Config, Tag

LABEL = "label"  # what a question is called that came without a name
TAGS = {"text": "Text", "image": "Image", "audio": "Audio", "video": "Video"}


def spec_of(xml: str, *, name: str, dataset: str) -> dict[str, Any]:
    """Return a campaign as its file has it, that asks what a configuration asks; raise `BadConfig`."""
    config = label_studio.read(xml)
    kind, settings = _kind_of(config)
    return {
        "name": name,
        "dataset": dataset,
        "kind": kind,
        "settings": settings,
        "show": list(dict.fromkeys(config.shown.values())),
        "label_studio": xml,
    }


def config_of(campaign: Campaign) -> str | None:
    """Return the configuration that asks the same, None where Label Studio has no such question.

    One that the campaign was made of comes back as it was, to the letter, as long as it still asks the same.
    """
    if campaign.label_studio and _asks_the_same(campaign):
        return campaign.label_studio
    kind = of_kind(campaign.kind)
    settings = kind.read_settings(campaign.settings)
    tag = kind.to_label_studio(settings)
    if tag is None:
        return None
    shown = _shown(campaign)
    subjects = tag.get("toName") or (shown[0].get("name") if shown else "")
    asked = replace(tag, attributes={"name": LABEL, "toName": subjects} | dict(tag.attributes))
    return label_studio.write(asked, question=str(campaign.settings.get("question", "")), shown=shown)


def _kind_of(config: Config) -> tuple[str, dict[str, Any]]:
    for name in names():
        kind = of_kind(name)
        raw = kind.from_label_studio(config)
        if raw is None:
            continue
        try:
            return name, kind.write_settings(kind.read_settings(raw))
        except Bad as error:
            raise BadConfig([f"{config.asked} can't be asked: {error}"]) from None
    raise BadConfig([f"{config.asked} is a question that no kind here asks, with {dict(config.asked.attributes)}"])


def _asks_the_same(campaign: Campaign) -> bool:
    try:
        kind, settings = _kind_of(label_studio.read(campaign.label_studio))
    except BadConfig:  # taken before its like was refused, or written by hand into a campaign's file
        return False
    return kind == campaign.kind and settings == campaign.settings


def _shown(campaign: Campaign) -> list[Tag]:
    first = Item.objects.filter(dataset=campaign.dataset_id).order_by("pk").values_list("data", flat=True).first() or {}
    fields = campaign.show or list(first) or ["text"]
    parts = {part.name: part.type for part in viewer.parts(first, lambda name: name)}
    return [Tag(TAGS[parts.get(name, "text")], {"name": name, "value": f"${name}"}) for name in fields]
