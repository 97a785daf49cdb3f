"""The operations of the service, by name: each takes who calls and what was given, and returns the answer."""

from collections.abc import Callable, Mapping
from typing import Any

from apps.core.money import BadAmount
from apps.core.states import IllegalMove
from apps.turkapi.errors import BadValue, turk
from apps.turkapi.operations import account, assignments, hits, notifying, qualifications, requests, workers
from apps.turkapi.services import tokens
from apps.turkapi.signing import Caller
from apps.workforce.own_pay import OwnPay

Operation = Callable[[Caller, dict[str, Any]], dict[str, Any]]

TABLE: Mapping[str, Operation] = {
    "AcceptQualificationRequest": requests.accept,
    "ApproveAssignment": assignments.approve,
    "AssociateQualificationWithWorker": qualifications.associate,
    "CreateAdditionalAssignmentsForHIT": hits.create_additional_assignments,
    "CreateHIT": hits.create,
    "CreateHITType": hits.create_type,
    "CreateHITWithHITType": hits.create_with_type,
    "CreateQualificationType": qualifications.create,
    "CreateWorkerBlock": workers.block,
    "DeleteHIT": hits.delete,
    "DeleteQualificationType": qualifications.delete,
    "DeleteWorkerBlock": workers.unblock,
    "DisassociateQualificationFromWorker": qualifications.disassociate,
    "GetAccountBalance": account.balance,
    "GetAssignment": assignments.get,
    "GetFileUploadURL": assignments.get_file_upload_url,
    "GetHIT": hits.get,
    "GetQualificationScore": qualifications.score,
    "GetQualificationType": qualifications.get,
    "ListAssignmentsForHIT": assignments.list_for_hit,
    "ListBonusPayments": account.list_bonuses,
    "ListHITs": hits.list_all,
    "ListHITsForQualificationType": hits.list_for_qualification_type,
    "ListQualificationRequests": requests.list_all,
    "ListQualificationTypes": qualifications.list_all,
    "ListReviewPolicyResultsForHIT": hits.list_review_policy_results,
    "ListReviewableHITs": hits.list_reviewable,
    "ListWorkerBlocks": workers.list_blocks,
    "ListWorkersWithQualificationType": qualifications.list_workers,
    "NotifyWorkers": workers.notify,
    "RejectAssignment": assignments.reject,
    "RejectQualificationRequest": requests.reject,
    "SendBonus": account.send_bonus,
    "SendTestEventNotification": notifying.send_test,
    "UpdateExpirationForHIT": hits.update_expiration,
    "UpdateHITReviewStatus": hits.update_review_status,
    "UpdateHITTypeOfHIT": hits.update_type,
    "UpdateNotificationSettings": notifying.update_settings,
    "UpdateQualificationType": qualifications.update,
}

# What makes something or owes somebody, and so must not be done again by a client that repeats a lost call by itself.
ONCE = frozenset({name for name in TABLE if name.startswith("Create")} | {"ApproveAssignment", "SendBonus"})
STATES = {"QualificationRequestId": "QualificationRequest", "AssignmentId": "Assignment"}


def carry_out(name: str, caller: Caller, given: dict[str, Any], *, call: str | None = None) -> dict[str, Any]:
    """Return an operation's answer; raise `Refused`, also where a row is no more in the state that this needs.

    Each operation looks at the state before; but somebody else may move the row after. That its UniqueRequestToken was
    used is told before anything else: by what else is wrong by now a client would take it for not done. Without one,
    `call` is what the client's own repeats of this call are known by.
    """
    tokens.check(caller.organization, name, given.get("UniqueRequestToken"))
    try:
        if call is None or name not in ONCE or "UniqueRequestToken" in given:
            return TABLE[name](caller, given)
        return tokens.answer_once(caller.organization, name, call, lambda: TABLE[name](caller, given))
    except IllegalMove as error:
        noun = next((noun for key, noun in STATES.items() if key in given), "HIT")
        raise turk(f"Invalid{noun}State", f"{error}.") from None
    except (BadAmount, OwnPay) as error:
        raise BadValue(f"{error}.") from None
