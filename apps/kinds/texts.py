"""Hands a campaign's texts to `aggregation`, and writes the outcome as people did."""

from collections.abc import Callable, Collection

import numpy as np

from apps.aggregation import rover
from apps.aggregation.answers import Answers
from apps.aggregation.words import split
from apps.kinds.consensus import combined, of_distinct
from apps.kinds.votes import Aggregate, Combined, Votes


def of_texts(
    votes: Votes, same: Callable[[str], str], distance: Callable[[str, str], float], is_answer: Callable[[str], bool]
) -> Aggregate:
    """Return texts whose words were voted on; where that can't be, the text given that is nearest to the others.

    Words are voted on in texts of one line (of more, the lines would be lost) that share most of their words. Where
    the outcome is what somebody wrote, it is taken as they wrote it.
    Args: same: what two texts have in common when they are one and the same. is_answer: whether a text is valid.
    """
    nearest = of_distinct(votes, same, distance)
    known = votes.clamped()
    if _cells(votes, known) > rover.MOST_CELLS:
        return nearest
    answers = Answers(votes.tasks, votes.workers, list(votes.answers), votes.n_tasks, votes.n_workers)
    found = rover.fit(answers, known)
    many_lines = {task for task, text in zip(votes.tasks.tolist(), votes.answers, strict=True) if "\n" in text}
    written: dict[tuple[int, str], list[str]] = {}
    for task, text in zip(votes.tasks.tolist(), votes.answers, strict=True):
        written.setdefault((task, same(text)), []).append(text)

    def of(task: int, given: Combined) -> Combined:
        text = found.text[task]
        if text is None or task in known or task in many_lines or not found.voted[task] or not is_answer(text):
            return given
        ways = written.get((task, same(text)), [text])
        best = min(set(ways), key=lambda way: (-ways.count(way), way))
        return combined(best, found.confidence[task], given.votes)

    consensus = [of(task, given) for task, given in enumerate(nearest.consensus)]
    skill = np.where(votes.per_worker() > 0, found.skill, np.nan)
    return Aggregate(consensus, skill, "rover")


def _cells(votes: Votes, known: Collection[int]) -> int:
    """Return about how many cells are filled when texts are aligned to the longest of their task; none where known."""
    lengths = np.array([len(split(text)) for text in votes.answers], dtype=np.int64)
    lengths[np.isin(votes.tasks, list(known))] = 0
    longest = np.zeros(votes.n_tasks, dtype=np.int64)
    np.maximum.at(longest, votes.tasks, lengths)
    return int((lengths * longest[votes.tasks]).sum()) if len(lengths) else 0
