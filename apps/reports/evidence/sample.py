"""A campaign's answers to a random sample of its items, as a table of codes."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from apps.aggregation import dawid_skene
from apps.aggregation.result import Result
from apps.aggregation.table import Table
from apps.campaigns.models import Campaign
from apps.kinds import of
from apps.reports.portrait.answers import named
from apps.work import votes
from apps.work.models import Task
from apps.work.votes import Tables

MOST_ITEMS = 2000  # a share over so many is known to two points, and the page stays quick


@dataclass(frozen=True, eq=False)
class Sample:
    """Args:
    coded: answers as codes; of a kind whose answers can be listed, in the order of `classes`.
    classes: names of the possible answers, empty where they can't be listed.
    items: how many items with answers there are in all, of which these are a random part.
    """

    tables: Tables
    coded: Table
    classes: Sequence[str]
    items: int

    @cached_property
    def fit(self) -> Result:
        """Dawid-Skene on all of these answers."""
        return dawid_skene.fit(self.coded)


def sample(campaign: Campaign) -> Sample | None:
    """Read the answers to a random part of the ordinary items; None where there are none."""
    kind = of(campaign.kind)
    settings = kind.read_settings(campaign.settings)
    judged = Task.objects.filter(campaign=campaign, gold=False, judged__gt=0)
    picked = list(judged.order_by("shuffle", "pk").values_list("pk", flat=True)[:MOST_ITEMS])
    if not picked:
        return None
    tables = votes.table(campaign, kind, settings, tasks=picked)
    if not tables.votes.n_tasks:
        return None
    listed = kind.classes(settings)
    if listed is not None:
        index = {repr(kind.write(answer)): n for n, answer in enumerate(listed)}
        labels = np.array([index[repr(kind.write(answer))] for answer in tables.votes.answers])
        different = len(listed)
    else:
        values, labels = np.unique(kind.codes(tables.votes.answers, settings), return_inverse=True)
        different = len(values)
    given = tables.votes
    coded = Table(given.tasks, given.workers, labels, given.n_tasks, given.n_workers, different)
    names = [named(kind.write(answer)) for answer in listed or ()]
    return Sample(tables, coded, names, judged.count())
