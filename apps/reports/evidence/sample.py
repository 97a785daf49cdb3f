"""A campaign's answers to a random sample of its items, as a table of codes."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from apps.aggregation import dawid_skene
from apps.aggregation.arrays import Floats
from apps.aggregation.result import Result
from apps.aggregation.table import Table
from apps.campaigns.models import Campaign
from apps.kinds import of
from apps.reports.portrait.answers import named
from apps.work import queries as work
from apps.work.models import Task
from apps.work.queries import Tables

MOST_ITEMS = 2000  # a share over so many is known to two points, and the page stays quick


@dataclass(frozen=True, eq=False)
class Sample:
    """Args:
    coded: answers as codes; of a kind whose answers can be listed, in the order of `classes`.
    classes: names of the possible answers, empty where they can't be listed.
    values: the worth of each code, where the kind measures distances between answers.
    items: how many items with answers there are in all, of which these are a random part.
    """

    kind: Any
    tables: Tables
    coded: Table
    classes: Sequence[str]
    values: Floats | None
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
    tables = work.table(campaign, kind, settings, tasks=picked)
    if not tables.votes.n_tasks:
        return None
    listed = kind.classes(settings)
    codes = kind.codes(tables.votes.answers, settings)
    if listed is not None:
        index = {repr(kind.write(answer)): n for n, answer in enumerate(listed)}
        labels = np.array([index[repr(kind.write(answer))] for answer in tables.votes.answers])
        values = kind.codes(listed, settings)
    else:
        values, labels = np.unique(codes, return_inverse=True)
    votes = tables.votes
    coded = Table(votes.tasks, votes.workers, labels, votes.n_tasks, votes.n_workers, len(values))
    names = [named(kind.write(answer)) for answer in listed or ()]
    return Sample(kind, tables, coded, names, None if kind.metric == "nominal" else values, judged.count())
