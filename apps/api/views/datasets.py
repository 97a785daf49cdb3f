"""Datasets, their items, and imports."""

import io
import json
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api import repeating, uploads
from apps.api.base import Endpoint
from apps.api.finding import datasets, one, organization
from apps.api.paging import choice, text, uid
from apps.api.parsing import JsonParser, StreamParser
from apps.api.problems import CONTENT_TYPE
from apps.api.verbs import read, verb
from apps.api.wire.base import ProblemOut
from apps.api.wire.datasets import BadRowOut, DatasetChange, DatasetIn, DatasetOut, ImportOut, ItemOut, ItemsIn
from apps.api.wire.operations import OperationOut
from apps.datasets import services
from apps.datasets.models import BadRow, Dataset, Import, Item
from apps.pipeline import flow
from apps.pipeline.models import Operation

# How a body is read, by its type; the ending is what the import goes by.
STREAMS = {
    "application/x-ndjson": ".jsonl",
    "application/jsonl": ".jsonl",
    "text/csv": ".csv",
    "text/tab-separated-values": ".tsv",
    "application/zip": ".zip",
}


class Datasets(Endpoint):
    @verb("List datasets", lists=DatasetOut, filters={"name": text("name")}, orders=("-id", "name"))
    def get(self, request: Request) -> QuerySet[Dataset]:
        return datasets(self.caller)

    @verb("Make a dataset", takes=DatasetIn, gives=DatasetOut, status=201)
    def post(self, request: Request, given: dict[str, Any]) -> Dataset:
        return services.make_dataset(organization(self.caller), **given)


class OneDataset(Endpoint):
    @verb("Show a dataset", gives=DatasetOut)
    def get(self, request: Request, dataset_id: UUID) -> Dataset:
        return one(datasets(self.caller), pk=dataset_id)

    @verb("Rename or describe a dataset", takes=DatasetChange, gives=DatasetOut)
    def patch(self, request: Request, dataset_id: UUID, given: dict[str, Any]) -> Dataset:
        return services.describe_dataset(one(datasets(self.caller), pk=dataset_id), **given)


class Items(Endpoint):
    parser_classes = (JsonParser, StreamParser)

    @verb("List a dataset's items", lists=ItemOut, filters={"external_id": text("external_id")}, orders=("id",))
    def get(self, request: Request, dataset_id: UUID) -> QuerySet[Item]:
        return Item.objects.filter(dataset=one(datasets(self.caller), pk=dataset_id))

    @extend_schema(
        summary="Bring items in: as JSON, or streamed as lines of JSON, CSV, TSV or a ZIP with media",
        request={"application/json": ItemsIn, **dict.fromkeys(STREAMS, OpenApiTypes.BINARY)},
        responses={202: OperationOut, ("default", CONTENT_TYPE): ProblemOut},
    )
    def post(self, request: Request, dataset_id: UUID) -> Response:
        dataset = one(datasets(self.caller), pk=dataset_id)
        columns: list[str] = []
        if (suffix := STREAMS.get((request.content_type or "").partition(";")[0])) is not None:
            kept = uploads.keep(request._request, suffix=suffix)  # noqa: SLF001
            columns = [name for name in request.query_params.get("media_columns", "").split(",") if name]
        else:
            given = read(ItemsIn, request)
            columns = given["media_columns"]
            lines = "".join(f"{json.dumps(item, ensure_ascii=False)}\n" for item in given["items"])
            kept = uploads.keep(io.BytesIO(lines.encode()), suffix=".jsonl")
        begun: list[Response] = []

        def begin() -> Response:
            begun.append(self._begin(dataset, kept.path, columns))
            return begun[0]

        try:
            answer = repeating.once(request, begin, body=kept.sha256)
        except Exception:
            kept.drop()
            raise
        if not begun:  # it was sent again, or refused: the file is no import's
            kept.drop()
        return answer

    def _begin(self, dataset: Dataset, path: Path, columns: list[str]) -> Response:
        job = flow.bring_in(dataset, path=path, by=self.caller.user, name=f"items sent to the API{path.suffix}",
                            media_columns=columns)  # fmt: skip
        operation = flow.ask_for(
            dataset.organization,
            verb="import",
            subject=f"dataset:{dataset.pk}",
            asked={"import": str(job.pk)},
            by=self.caller.user,
        )
        return accepted(operation)


class OneItem(Endpoint):
    @verb("Show an item", gives=ItemOut)
    def get(self, request: Request, dataset_id: UUID, item_id: int) -> Item:
        return one(Item.objects.filter(dataset=one(datasets(self.caller), pk=dataset_id)), pk=item_id)


class Imports(Endpoint):
    @verb(
        "List imports",
        lists=ImportOut,
        filters={"dataset": uid("dataset"), "state": choice("state", Import.State.values)},
    )
    def get(self, request: Request) -> QuerySet[Import]:
        return Import.objects.filter(dataset__organization=self.caller.organization)


class OneImport(Endpoint):
    @verb("Show an import", gives=ImportOut)
    def get(self, request: Request, import_id: UUID) -> Import:
        return one(Import.objects.filter(dataset__organization=self.caller.organization), pk=import_id)


class BadRows(Endpoint):
    @verb("List the rows that an import refused", lists=BadRowOut, orders=("id",))
    def get(self, request: Request, import_id: UUID) -> QuerySet[BadRow]:
        own = Import.objects.filter(dataset__organization=self.caller.organization)
        return BadRow.objects.filter(of=one(own, pk=import_id))


def accepted(operation: Operation) -> Response:
    """Say where long work can be polled."""
    return Response(
        OperationOut(operation).data, status=202, headers={"Location": f"/api/v1/operations/{operation.pk}"}
    )
