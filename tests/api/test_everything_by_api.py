"""Everything that the admin and the workbench do can be done by the API: each page and verb of theirs has its call."""

import itertools

from django.contrib import admin
from django.urls import URLPattern, get_resolver

from apps.api.permissions import TABLE
from apps.console import permissions
from apps.console.wizard.steps import STEPS
from apps.workbench.urls import urlpatterns as workbench

assert get_resolver().url_patterns

# What a requester or an operator does in a browser and a program does otherwise, each with the reason.
NOT = "not by the API: "
A_STEP = "campaigns POST, campaign PUT"  # a step of the wizard is a part of the campaign's file
A_FILE_IN_A_BROWSER = "payment_exports POST, operation GET, operation_file GET"

# By model: what its list and rows show (v), what adds (a), changes (c) and deletes (d), and each further page.
ADMIN = {
    "campaigns.Campaign": {
        "v": "campaigns GET, campaign GET", "a": "campaigns POST", "c": "campaign PUT",
        "progress": "campaign_progress GET", "behind": "judgments GET, campaign_suggestions GET",
        "broken": "tasks GET, task_put_back POST",
        "task": "tasks GET, consensus GET, judgments GET, task_adjudication PUT, task_adjudication DELETE",
        "answer": "campaign_audits POST, audited_judge POST",
        "preview": "campaign_preview GET", "framed": "campaign_preview GET", "look": "campaign_preview GET",
        **{f"setup_{step.name}": A_STEP for step in STEPS},
        "from_yaml": "campaigns POST", "to_yaml": "campaign_file GET", "set_up": A_STEP,
        "from_label_studio": "from_label_studio POST", "to_label_studio": "campaign_label_studio GET",
        "launch": "campaign_check GET, campaign_launch POST", "resume": "campaign_resume POST",
        "pause": "campaign_pause POST", "stop": "campaign_stop POST", "quality": "campaign_report GET, audits GET",
        "labels": "campaign_exports POST", "labels_file": "campaign_exports POST, operation_file GET",
        "report": "campaign_report GET", "publish_guidelines": "guidelines POST",
        "add_gold": "gold POST", "top_up": "campaign_top_up POST", "change_terms": "campaign_terms POST",
        "ask_anew": "campaign_anew POST", "change_suggestions": "campaign_suggestions POST",
        "method": "campaign_method POST", "clone": "campaign_clone POST",
        "stop_outside": "campaign_stop_outside POST",
    },
    "channels.Claim": {
        "v": "claims GET, claim GET", "c": "claim_pay_besides POST, claim_book_as_paid POST",
        "pay_besides": "claim_pay_besides POST", "book_as_paid": "claim_book_as_paid POST",
    },
    "channels.Publication": {
        "v": "publications GET, publication GET", "c": "publication_accept POST", "accept": "publication_accept POST",
    },
    "channels.Reconciliation": {
        "v": "reconciliations GET, reconciliation GET", "c": "reconciliation_book POST",
        "book": "reconciliation_book POST", "file": "reconciliation_file GET",
        "manifest": "reconciliation GET, reconciliation_file GET",
    },
    "payments.SignOff": {
        "v": "signoffs GET, signoff GET", "c": "signoff_agree POST, signoff_refuse POST",
        "agree": "signoff_agree POST", "refuse": "signoff_refuse POST",
    },
    "campaigns.GoldQuestion": {
        "v": "gold GET, one_gold GET, contests GET", "a": "gold POST", "d": "one_gold DELETE",
        "reinstate": "gold_reinstate POST",
    },
    "campaigns.Guidelines": {"v": "guidelines GET", "a": "guidelines POST"},
    "campaigns.PayPolicy": {
        "v": "pay_policies GET", "a": "pay_policies POST", "c": "pay_policies POST", "d": "pay_policy DELETE",
    },
    "datasets.Dataset": {
        "v": "datasets GET, dataset GET", "a": "datasets POST", "c": "dataset PATCH", "imports": "imports GET",
        "browse": "items GET, item GET", "upload": "items POST", "remove": "dataset DELETE",
    },
    "datasets.Import": {"v": "imports GET, import GET, bad_rows GET"},
    "datasets.Item": {"v": "items GET, item GET"},
    "ledger.Account": {"v": "accounts GET, balances GET"},
    "ledger.Budget": {"v": "budgets GET"},
    "ledger.Closing": {"v": "closings GET, month GET", "a": "closings POST"},
    "ledger.Entry": {
        "v": "entries GET", "a": "deposits POST", "refund": "refunds POST", "charge": "fees POST",
        "correct": "entry_correct POST",
    },
    "ledger.Posting": {"v": "entries GET"},
    "members.Membership": {"v": "memberships GET, membership GET", "a": "memberships POST", "d": "membership DELETE"},
    "members.Organization": {"v": "organization GET", "c": "organization PATCH"},
    "members.Terms": {"v": "terms GET", "a": "terms POST"},
    "members.Token": {
        "v": "tokens GET, token GET", "a": "tokens POST", "c": "token_revoke POST", "revoke": "token_revoke POST",
    },
    "members.Trail": {"v": "trail GET"},
    "notices.Endpoint": {
        "v": "webhooks GET, webhook GET", "a": "webhooks POST", "c": "webhook PATCH", "rotate": "webhook_rotate POST",
        "disable": "webhook DELETE",
    },
    "notices.Notice": {
        "v": "webhook_deliveries GET, webhook_delivery GET", "c": "webhook_replay POST",
        "replay": "webhook_replay POST",
    },
    "payments.BudgetAlert": {"v": "budget_alerts GET"},
    "payments.Obligation": {
        "v": "obligations GET", "a": "bonuses POST", "adjust": "adjustments POST", "report": "payment_sums GET",
        "export": A_FILE_IN_A_BROWSER, "exports": A_FILE_IN_A_BROWSER, "download": A_FILE_IN_A_BROWSER,
        "file": A_FILE_IN_A_BROWSER, "paid_otherwise": "obligation_paid_otherwise POST",
        "book_as_paid": "obligation_book_as_paid POST",
    },
    "payments.Payout": {
        "v": "payouts GET, payout GET", "c": "payout_confirm POST", "tax": "tax_year GET",
        "begin": "payout_begin POST",
        "confirm": "payout_confirm POST", "fail": "payout_fail POST", "came_back": "payout_come_back POST",
    },
    "payments.PayoutBatch": {
        "v": "payout_batches GET, payout_batch GET", "a": "payout_batches POST", "c": "payout_batch_approve POST",
        "approve": "payout_batch_approve POST", "cancel": "payout_batch_cancel POST",
        "send": "payout_batch_send POST", "file": "payout_batch_file GET", "results": "payout_batch_results POST",
        "sent": "payout_batch_all_sent POST",
    },
    "payments.PayoutPolicy": {
        "v": "payout_policies GET", "a": "payout_policies POST", "c": "payout_policies POST",
        "revise": "payout_policies POST",
    },
    "pipeline.Delivery": {"v": "steps GET", "c": "step_unpark POST", "unpark": "step_unpark POST"},
    "pipeline.Schedule": {"v": "schedules GET"},
    "quality.Audit": {
        "v": "audits GET, audit GET, audited GET", "a": "campaign_audits POST", "c": "audited_judge POST",
        "judge": "audited_judge POST, audited_adjudicate POST",
    },
    "quality.Dispute": {"v": "disputes GET, dispute GET", "c": "dispute_decide POST"},
    "quality.RejectionPolicy": {
        "v": "rejection_policies GET", "a": "rejection_policies POST", "c": "rejection_policies POST",
        "d": "rejection_policy DELETE",
    },
    "quality.Review": {
        "v": "reviews GET, review GET", "c": "review_decide POST, review_take_back POST",
        "many": "review_decide POST, review_take_back POST",
        "approve_chosen": "review_decide POST", "reject_chosen": "review_decide POST",
    },
    "turkapi.AccessKey": {
        "v": "access_keys GET", "a": "access_keys POST", "c": "access_key_revoke POST",
        "revoke": "access_key_revoke POST",
    },
    "workforce.Group": {"v": "groups GET, group GET", "a": "groups POST", "c": "group PATCH", "d": "group DELETE"},
    "workforce.Invitation": {
        "v": "invitations GET, invitation GET", "a": "invitations POST", "c": "invitation_withdraw POST",
        "withdraw": "invitation_withdraw POST",
    },
    "workforce.Link": {"v": "links GET", "c": "link_clear POST", "clear": "link_clear POST"},
    "workforce.Qualification": {
        "v": "qualifications GET, qualification GET", "a": "qualifications POST", "d": "qualification DELETE",
    },
    "workforce.Restriction": {
        "v": "restrictions GET", "a": "restrictions POST", "c": "restriction_lift POST",
        "lift": "restriction_lift POST",
    },
    "workforce.Skill": {"v": "skills GET"},
    "workforce.Worker": {
        "v": "workers GET, worker GET", "a": "workers POST", "c": "worker PATCH", "restrict": "restrictions POST",
        "grant": "qualifications POST",
    },
}  # fmt: skip
WORKBENCH = {
    "slot": NOT + "a market's frame shows it to people",
    "open": "offers GET, own_pages GET",
    "campaigns_json": "offers GET",
    "campaign": "offers GET",
    "lease": "campaign_assignments POST",
    "page": "page GET, outcome GET",
    "submit": "submit POST",
    "extend": "extend POST",
    "give_back": "give_back POST",
    "change": "change POST",
    "dispute": "assignment_dispute POST",
    "contest": "contest POST",
    "ahead": "campaign_assignments POST",
    "shown": "show POST",
    "release": "release POST",
    "earnings": "earnings GET, own_pages GET",
    "account": "account GET, account PATCH",
    "data": "account_data GET",
    "erase": "account_erasure POST, account_erasure DELETE",
    "payout": "payout_method GET, payout_method PUT, payout_method DELETE",
    "terms": "agreements GET, agreements POST",
    "last": "own_pages GET, outcome GET",
    "preview": "campaign_preview GET",
    "frame": NOT + "the frame of a page whose requester wrote its HTML: a program reads the page's parts",
    "hand_in": NOT + "what a requester's own page in a frame hands over to the page around it: a program submits",
    "invitation": NOT + "who accepts an invitation has no token yet: the signed link in the mail is the authority",
    "tokens": NOT + "a token that made others would outlive its being revoked: the page alone does",
    "make_token": NOT + "as tokens",
    "revoke_token": NOT + "as tokens",
    "logged_in": NOT + "where a log-in leads that a form waits for in another tab",
    "preferences": NOT + "a cookie of the browser's: the language of pages",
    "accept": NOT + "as invitation",
}


def calls(text: str) -> set[tuple[str, str]]:
    """Return the calls that a line names, none for a reason why there is none."""
    return set() if text.startswith(NOT) else {tuple(call.split(" ")) for call in text.split(", ")}


def pages_of(row: admin.ModelAdmin) -> set[str]:
    """Return the names of a model's pages in the admin beyond its list, form, history and deletion."""
    before = f"{row.opts.app_label}_{row.opts.model_name}_"
    usual = {before + name for name in ("changelist", "add", "history", "delete", "change")}
    names = {url.name for url in row.get_urls() if isinstance(url, URLPattern) and url.name}
    return {name.removeprefix(before) for name in names - usual} | set(row.actions or ())


def done_in_the_admin() -> dict[str, set[str]]:
    """Return what can be done with each model in the admin: letters of the table, and further pages."""
    admin.autodiscover()
    return {
        model._meta.label: {
            *itertools.chain(*(getattr(permissions.rights(model), role) for role in ROLES)),
            *pages_of(row),
        }
        for model, row in admin.site._registry.items()
    }


ROLES = ("requester", "reviewer", "finance", "admin")


def test_everything_that_the_admin_does_has_its_call():
    asked = {label: set(of) for label, of in ADMIN.items()}

    for label, does in done_in_the_admin().items():
        assert does - asked.get(label, set()) == set(), f"{label}: name the API's call for it here"
    assert set(asked) == set(done_in_the_admin())


def test_everything_that_the_workbench_does_has_its_call():
    assert {pattern.name for pattern in workbench} - set(WORKBENCH) == set()


def test_the_calls_that_are_named_are_there():
    named = set().union(*(calls(text) for of in ADMIN.values() for text in of.values()))
    named |= set().union(*map(calls, WORKBENCH.values()))

    assert named - {(name, method) for name, rules in TABLE.items() for method in rules} == set()
