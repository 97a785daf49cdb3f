"""Datasets, their items, and imports."""

import io
import json
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api import repeating
from apps.api.base import Endpoint, body_of
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
from apps.members.models import Organization
from apps.pipeline import flow, uploads
from apps.pipeline.models import Operation
from apps.pipeline.uploads import Kept

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

    @verb("Remove a dataset that no campaign uses, with its items and media", gives=OperationOut, status=202)
    def delete(self, request: Request, dataset_id: UUID) -> Response:
        return accepted(flow.remove_dataset(one(datasets(self.caller), pk=dataset_id), by=self.caller.user))


class Items(Endpoint):
    parser_classes = (JsonParser, StreamParser)

    @verb("List a dataset's items", lists=ItemOut, filters={"external_id": text("external_id")}, orders=("id",))
    def get(self, request: Request, dataset_id: UUID) -> QuerySet[Item]:
        return Item.objects.filter(dataset=one(datasets(self.caller), pk=dataset_id))

    @extend_schema(
        summary="Bring items in: as JSON, or streamed as lines of JSON, CSV, TSV or a ZIP with media",
        request={"application/json": ItemsIn, **dict.fromkeys(STREAMS, OpenApiTypes.BINARY)},
        parameters=[
            OpenApiParameter("media_columns", description="Of a stream: columns whose values are names of media."),
            repeating.KEY,
        ],
        responses={202: OperationOut, ("default", CONTENT_TYPE): ProblemOut},
    )
    def post(self, request: Request, dataset_id: UUID) -> Response:
        suffix = STREAMS.get((request.content_type or "").partition(";")[0])
        files: list[Kept] = []  # of which each is an import's at the end, or dropped
        if suffix is not None:
            owner = one(datasets(self.caller), pk=dataset_id).organization  # before all of it is taken in
            files.append(uploads.keep(request._request, suffix=suffix, of=owner))  # noqa: SLF001
        begun: list[Response] = []

        def begin() -> Response:
            dataset = one(datasets(self.caller), pk=dataset_id)
            if suffix is None:
                given = read(ItemsIn, request)
                columns = given["media_columns"]
                files.append(_written(given["items"], of=dataset.organization))
            else:
                columns = [name for name in request.query_params.get("media_columns", "").split(",") if name]
            begun.append(self._begin(dataset, files[0], columns))
            return begun[0]

        told = body_of(request) if suffix is None else f"{suffix} {files[0].sha256}"
        answer = None
        try:
            answer = repeating.once(request, begin, body=told)
        finally:
            # What was sent again, or refused. Where a commit's answer is lost the import may be there, and wants its
            # file; if it is not, the file goes when it is old.
            if not begun or (answer is not None and answer is not begun[0]):
                for file in files:
                    file.drop()
        return answer

    def _begin(self, dataset: Dataset, kept: Kept, columns: list[str]) -> Response:
        job = flow.bring_in(
            dataset,
            path=kept.path,
            by=self.caller.user,
            name=f"items sent to the API{kept.path.suffix}",
            media_columns=columns,
            sha256=kept.sha256,
        )
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


def _written(items: list[Any], *, of: Organization) -> Kept:
    """Keep rows that were sent as JSON, a line for each."""
    lines = "".join(f"{json.dumps(item, ensure_ascii=False)}\n" for item in items)
    return uploads.keep(io.BytesIO(lines.encode()), suffix=".jsonl", of=of)


def accepted(operation: Operation) -> Response:
    """Say where long work can be polled."""
    return Response(
        OperationOut(operation).data, status=202, headers={"Location": f"/api/v1/operations/{operation.pk}"}
    )
