"""Long work: how far it is, and the file it made."""

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import FileResponse, Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from apps.api.base import Endpoint
from apps.api.callers import Caller
from apps.api.finding import one
from apps.api.paging import choice, text
from apps.api.problems import CONTENT_TYPE
from apps.api.verbs import verb
from apps.api.wire.base import ProblemOut
from apps.api.wire.operations import OperationOut
from apps.members.models import Role, Scope
from apps.payments import services as payments
from apps.pipeline import operations
from apps.pipeline.models import Operation

# Whose business a verb is, where it is not the requester's: files of money are for finance alone.
OF_FINANCE = ("export_payments", operations.TAX_YEAR)


class Operations(Endpoint):
    @verb(
        "List operations",
        lists=OperationOut,
        filters={
            "verb": choice("verb", sorted(operations.VERBS)),
            "state": choice("state", Operation.State.values),
            "subject": text("subject"),
        },
    )
    def get(self, request: Request) -> QuerySet[Operation]:
        return own(self.caller)


class OneOperation(Endpoint):
    @verb("Tell how far an operation is", gives=OperationOut)
    def get(self, request: Request, operation_id: UUID) -> Operation:
        return one(own(self.caller), pk=operation_id)


class FileOfOperation(Endpoint):
    @extend_schema(
        summary="Fetch the file that an operation made",
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY, ("default", CONTENT_TYPE): ProblemOut},
    )
    def get(self, request: Request, operation_id: UUID) -> FileResponse:
        operation = one(own(self.caller), pk=operation_id)
        path = operations.file_of(operation)
        if path is None:
            raise Http404("this operation has no file, or none any more")
        if operation.verb == operations.TAX_YEAR:
            if Scope.MONEY not in self.caller.bearer.scopes:
                raise PermissionDenied("this file names people: it needs the scope money, as banks' files do")
            of = operation.organization
            payments.note_download(of, file=path.name, subject=f"organization:{of.pk}", by=self.caller.user)
        response = FileResponse(
            path.open("rb"), as_attachment=True, filename=path.name, content_type="application/octet-stream"
        )
        if sha256 := operation.result.get("sha256"):
            response["X-SHA256"] = sha256
        return response


def own(caller: Caller) -> QuerySet[Operation]:
    """Return the operations of the caller's organization that are the caller's business."""
    rows = Operation.objects.filter(organization=caller.organization)
    roles = caller.bearer.roles
    if Role.ADMIN in roles or {Role.FINANCE, Role.REQUESTER} <= roles:
        return rows
    return rows.filter(verb__in=OF_FINANCE) if Role.FINANCE in roles else rows.exclude(verb__in=OF_FINANCE)
