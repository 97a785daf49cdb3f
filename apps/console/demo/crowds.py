"""The demo's crowds, and what they should give: their confusion matrices are known."""

from collections import defaultdict
from typing import Any

import numpy as np

from apps.campaigns.models import Campaign
from apps.console.demo.data import Row
from apps.kinds import of
from apps.kinds.character import CHARACTERS
from apps.simulation import content, crowd
from apps.simulation.answering import Replay
from apps.work.models import Judgment

WORKERS = 40
RATERS = 10


def for_campaign(campaign: Campaign, rows: list[Row]) -> list[crowd.Member]:
    """Return the campaign's crowd: the real raters where there are ratings, simulated characters elsewhere."""
    if rows[0].ratings:
        return _raters(campaign, rows)
    return crowd.enlist(campaign, workers=WORKERS, truth={row.external_id: row.truth for row in rows})


def _raters(campaign: Campaign, rows: list[Row]) -> list[crowd.Member]:
    """Return ten members who give the lexicon's ratings, answer by answer: the n-th gives each word's n-th rating."""
    ratings = {row.external_id: row.ratings for row in rows}
    by_content = {key: ratings[item] for key, item in content.known(campaign)}
    return [
        crowd.member(campaign, name=f"rater-{place + 1:02}", answerer=Replay(place, by_content))
        for place in range(RATERS)
    ]


def best_possible(campaign: Campaign, truth: dict[str, Any]) -> float | None:
    """Return the accuracy that someone would reach who knew each worker's confusion matrix, on just these judgments.

    Bayes' rule over the characters' known matrices with equal class priors: no method can expect more, so a method that
    comes near it has learnt the crowd. None for kinds without classes, or a crowd of unknown characters.
    """
    kind = of(campaign.kind)
    settings = kind.read_settings(campaign.settings)
    classes = kind.classes(settings)
    if classes is None:
        return None
    code = {answer: n for n, answer in enumerate(classes)}
    matrices = {name: kind.confusion(character, settings) for name, character in CHARACTERS.items()}
    logs: dict[str, Any] = defaultdict(lambda: np.zeros(len(classes)))
    rows = Judgment.objects.filter(campaign=campaign, task__gold=False, counted=True).values_list(
        "task__item__external_id", "worker__name", "answer"
    )
    for item, worker, answer in rows.iterator():
        matrix = matrices.get(worker.rpartition("-")[0])
        if matrix is None:
            return None
        logs[item] += np.log(np.maximum(matrix[:, code[kind.read(answer, settings)]], 1e-12))
    right = [int(np.argmax(log)) == code[kind.read(truth[item], settings)] for item, log in logs.items()]
    return float(np.mean(right)) if right else None
