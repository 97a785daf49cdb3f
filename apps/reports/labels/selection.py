"""Which labels are exported, and the query that yields them in the order of their items."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from apps.campaigns.models import Campaign
from apps.work.suggested import SEEN

# Judgments are met task by task in an index, and versions are told apart only where there are several: the aggregate
# DISTINCT would sort every task's judgments, at a quarter of the whole cost.
_LABELS = """
SELECT item.external_id AS item,
       CASE WHEN task.gold THEN gold.answers -> 0 ELSE consensus.answer END AS answer,
       CASE WHEN task.gold THEN 1 ELSE consensus.confidence END AS confidence,
       NOT task.gold AND consensus.claimed IS NOT NULL AS calibrated,
       behind.votes AS votes,
       CASE WHEN task.gold THEN 'gold'
            WHEN consensus.method = 'adjudicated' THEN 'adjudicated'
            WHEN task.state = 'broken' THEN 'broken'
            WHEN consensus.task_id IS NULL THEN 'open'
            WHEN consensus.final THEN 'final'
            ELSE 'provisional' END AS state,
       CASE WHEN task.gold THEN 'known' ELSE consensus.method END AS method,
       CASE WHEN consensus.method = 'adjudicated' THEN
            (SELECT coalesce(nullif(person.name, ''), person.email)
               FROM quality_adjudication said JOIN members_user person ON person.id = said.by_id
              WHERE said.task_id = task.id) END AS adjudicated_by,
       CASE WHEN behind.votes = 0 THEN '{{}}'
            WHEN behind.oldest = behind.newest THEN ARRAY[behind.oldest]
            ELSE (SELECT array_agg(DISTINCT version ORDER BY version) FROM unnest(behind.versions) version)
            END AS guidelines,
       to_char(consensus.combined_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS combined_at{judgments}
       {fields}
  FROM work_task task
  JOIN datasets_item item ON item.id = task.item_id
  LEFT JOIN quality_consensus consensus ON consensus.task_id = task.id
  LEFT JOIN campaigns_goldquestion gold ON task.gold AND gold.campaign_id = task.campaign_id
                                       AND gold.item_id = task.item_id
  LEFT JOIN LATERAL (
       SELECT count(*) AS votes,
              min(judgment.guidelines) AS oldest,
              max(judgment.guidelines) AS newest,
              array_agg(judgment.guidelines) AS versions{single}
         FROM work_judgment judgment{place} WHERE judgment.task_id = task.id AND judgment.counted
       ) behind ON true
 WHERE task.campaign_id = %(campaign)s{gold}
 ORDER BY task.item_id
"""
_SINGLE = """,
              jsonb_agg(jsonb_build_object('worker', judgment.worker_id, 'answer', judgment.answer,
                                           'guidelines', judgment.guidelines{seen})
                        ORDER BY judgment.id) AS judgments"""
_PLACE = " JOIN work_place p ON p.id = judgment.place_id"
AT_ONCE = 2000


@dataclass(frozen=True)
class Selection:
    """with_gold: also the items whose answers were known. with_votes: also each single judgment that counts.

    raw: text as it is, for machines, where a format would else keep it from being run as a formula. told: called with
    how many rows are read. fields: of the item, which `rows` puts last.
    """

    campaign: Campaign
    with_gold: bool = False
    with_votes: bool = False
    raw: bool = False
    told: Callable[[int], None] | None = None
    fields: tuple[str, ...] = ()

    @property
    def about_the_label(self) -> tuple[str, ...]:
        """The names of the query's columns that follow the answer, in order."""
        judgments = ("judgments",) if self.with_votes else ()
        return (
            "confidence", "calibrated", "votes", "state", "method", "adjudicated_by", "guidelines", "combined_at",
            *judgments,
        )  # fmt: skip

    def columns(self, answer: Sequence[str]) -> tuple[str, ...]:
        """Return the names of all columns, where the answer has these."""
        return ("item", *answer, *self.about_the_label, *self.provenance)

    @property
    def query(self) -> str:
        """The query of all labels; its parameters are `parameters`."""
        return _LABELS.format(
            judgments=", coalesce(behind.judgments, '[]') AS judgments" if self.with_votes else "",
            single=_SINGLE.format(seen=f", 'saw_suggestion', {SEEN}" if self.tells_what_was_seen else "")
            if self.with_votes
            else "",
            fields="".join(f", item.data -> %({name})s AS {name}" for name in self._fields),
            place=_PLACE if self.tells_what_was_seen else "",
            gold="" if self.with_gold else " AND NOT task.gold",
        )

    @property
    def parameters(self) -> dict[str, Any]:
        return {"campaign": self.campaign.pk, **self._fields}

    @property
    def _fields(self) -> dict[str, str]:
        return {f"field_{n}": name for n, name in enumerate(self.fields)}

    @property
    def tells_what_was_seen(self) -> bool:
        """Whether each judgment says if its worker saw what a model suggests."""
        return self.with_votes and bool(self.campaign.suggestion_field)

    @property
    def provenance(self) -> dict[str, str]:
        """What is the same for every label of the campaign."""
        return {
            "kind": self.campaign.kind,
            "campaign": str(self.campaign.pk),
            "campaign_name": self.campaign.name,
            "dataset": self.campaign.dataset.name,
        }

    def rows(self) -> Iterator[list[tuple[Any, ...]]]:
        """Yield the rows of the query, some at a time; the answer, single judgments and fields as JSON text.

        Must be called within a transaction: the rows come through a cursor of the server.
        """
        names = ", ".join(self.about_the_label).replace("judgments", "judgments::text")
        names += "".join(f", {name}::text" for name in self._fields)
        statement = f"SELECT item, answer::text, {names} FROM ({self.query}) label"  # noqa: S608 - names of ours
        with connection.chunked_cursor() as cursor:
            cursor.execute(statement, self.parameters)
            done = 0
            while some := cursor.fetchmany(AT_ONCE):
                yield some
                done += len(some)
                self.tell(done)

    def tell(self, done: int) -> None:
        """Say how many rows are read, to who wants to know."""
        if self.told:
            self.told(done)
