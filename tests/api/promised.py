"""Who may do what by the API, as the product promises it: written down a second time, in its own words."""

SEEN_BY_LABELLERS = {
    "datasets", "dataset", "items", "item", "campaigns", "campaign", "campaign_progress", "guidelines",
    "campaign_suggestions",
    "gold", "tasks", "judgments", "consensus", "assignments", "assignment", "reviews", "review", "disputes", "dispute",
    "workers", "worker", "skills", "restrictions", "links", "one_gold", "contests", "audits", "audit", "audited",
    "rejection_policies",
}  # fmt: skip
SEEN_OF_MARKETS = {
    "publications", "publication", "claims", "claim", "reconciliations", "reconciliation", "reconciliation_file",
}  # fmt: skip
SEEN_BY_REQUESTERS = {
    "imports", "import", "bad_rows", "campaign_check", "groups", "group", "qualifications", "qualification", "terms",
    "invitations", "invitation", "pay_policies", "budgets", "budget_alerts", "campaign_file", "campaign_label_studio",
    "campaign_preview", "campaign_report", "operations", "operation", "operation_file", "access_keys",
} | SEEN_OF_MARKETS  # fmt: skip
SEEN_BY_FINANCE = {
    "balances", "entries", "obligations", "payout_batches", "payout_batch", "payouts", "payout", "operations",
    "operation", "operation_file", "trail", "accounts", "budgets", "budget_alerts", "month", "closings",
    "payout_policies", "payment_sums", "tax_year", "signoffs", "signoff", "purses",
} | SEEN_OF_MARKETS  # fmt: skip
PAID_BY_SCRIPT = {("access_keys", "POST")}  # a key that may give bonuses
DONE_BY_REQUESTERS = {
    ("datasets", "POST"), ("dataset", "PATCH"), ("dataset", "DELETE"), ("items", "POST"),
    ("campaigns", "POST"), ("campaign", "PUT"),
    ("campaign_launch", "POST"), ("campaign_pause", "POST"), ("campaign_resume", "POST"), ("campaign_stop", "POST"),
    ("campaign_stop_outside", "POST"), ("campaign_offer_again", "POST"),
    ("campaign_notify", "POST"), ("worker_block", "POST"), ("campaign_top_up", "POST"), ("campaign_terms", "POST"),
    ("campaign_suggestions", "POST"),
    ("campaign_anew", "POST"), ("task_put_back", "POST"), ("campaign_clone", "POST"),
    ("campaign_exports", "POST"), ("guidelines", "POST"),
    ("gold", "POST"), ("workers", "POST"), ("worker", "PATCH"), ("qualifications", "POST"), ("qualification", "DELETE"),
    ("restrictions", "POST"), ("restriction_lift", "POST"), ("link_clear", "POST"), ("groups", "POST"),
    ("group", "PATCH"), ("group", "DELETE"),
    ("invitations", "POST"), ("invitation_withdraw", "POST"), ("campaign_method", "POST"), ("campaign_audits", "POST"),
    ("from_label_studio", "POST"), ("one_gold", "DELETE"), ("gold_reinstate", "POST"),
    ("task_adjudication", "PUT"), ("task_adjudication", "DELETE"), ("access_key_revoke", "POST"),
} | PAID_BY_SCRIPT  # fmt: skip
DONE_BY_REVIEWERS = {
    ("review_decide", "POST"), ("review_take_back", "POST"), ("dispute_decide", "POST"), ("restrictions", "POST"),
    ("campaign_audits", "POST"), ("audited_judge", "POST"), ("audited_adjudicate", "POST"),
    ("task_adjudication", "PUT"), ("task_adjudication", "DELETE"),
}  # fmt: skip
DONE_BY_FINANCE = {
    ("deposits", "POST"), ("bonuses", "POST"), ("adjustments", "POST"), ("payout_batches", "POST"),
    ("payout_batch_approve", "POST"),
    ("payout_batch_cancel", "POST"), ("payout_begin", "POST"), ("payout_confirm", "POST"), ("payout_fail", "POST"),
    ("payout_come_back", "POST"), ("payment_exports", "POST"), ("entry_correct", "POST"), ("refunds", "POST"),
    ("fees", "POST"), ("closings", "POST"), ("payout_batch_send", "POST"), ("payout_batch_file", "GET"),
    ("payout_batch_results", "POST"), ("payout_batch_all_sent", "POST"), ("publication_accept", "POST"),
    ("claim_pay_besides", "POST"), ("claim_book_as_paid", "POST"), ("obligation_paid_otherwise", "POST"),
    ("obligation_book_as_paid", "POST"), ("signoff_agree", "POST"), ("signoff_refuse", "POST"),
    ("reconciliation_book", "POST"), ("reconciliations", "POST"), ("reconciliation_take_off", "POST"),
    ("campaign_wage_top_up", "POST"),
}  # fmt: skip
DONE_BY_WORKERS = {
    ("campaign_assignments", "POST"), ("page", "GET"), ("submit", "POST"), ("change", "POST"),
    ("extend", "POST"), ("give_back", "POST"),
    ("assignment_dispute", "POST"), ("offers", "GET"), ("earnings", "GET"), ("show", "POST"), ("release", "POST"),
    ("outcome", "GET"), ("contest", "POST"), ("own_pages", "GET"), ("account", "GET"), ("account", "PATCH"),
    ("account_data", "GET"), ("account_erasure", "POST"), ("account_erasure", "DELETE"), ("agreements", "GET"),
    ("agreements", "POST"), ("payout_method", "GET"), ("payout_method", "PUT"), ("payout_method", "DELETE"),
}  # fmt: skip
# Of what workers do: theirs wherever they work, so by no token that somebody else made.
OF_THE_PERSON = {each for each in DONE_BY_WORKERS if each[0].startswith("account") or each[0] in
                 ("agreements", "payout_method")}  # fmt: skip
DONE_BY_ADMINS = {
    ("webhooks", "GET"), ("webhooks", "POST"), ("webhook", "GET"), ("webhook", "PATCH"), ("webhook", "DELETE"),
    ("webhook_rotate", "POST"), ("webhook_deliveries", "GET"), ("webhook_delivery", "GET"), ("webhook_replay",
    "POST"),
    ("organization", "GET"), ("organization", "PATCH"), ("memberships", "GET"), ("memberships", "POST"),
    ("membership", "GET"), ("membership", "DELETE"), ("tokens", "GET"), ("tokens", "POST"), ("token", "GET"),
    ("token_revoke", "POST"), ("terms", "POST"), ("pay_policies", "POST"), ("pay_policy", "DELETE"),
    ("rejection_policies", "POST"),
    ("rejection_policy", "DELETE"),
    ("payout_policies", "POST"), ("steps", "GET"), ("step_unpark", "POST"), ("schedules", "GET"),
}  # fmt: skip
EVERYBODY = {("me", "GET")}


def seen(names):
    return {(name, "GET") for name in names}


MAY = {
    "requester": seen(SEEN_BY_LABELLERS | SEEN_BY_REQUESTERS) | DONE_BY_REQUESTERS | EVERYBODY,
    "reviewer": seen(SEEN_BY_LABELLERS) | DONE_BY_REVIEWERS | EVERYBODY,
    "finance": seen(SEEN_BY_FINANCE) | DONE_BY_FINANCE | EVERYBODY,
    "worker": DONE_BY_WORKERS | EVERYBODY,
}
MAY["admin"] = MAY["requester"] | MAY["reviewer"] | MAY["finance"] | DONE_BY_ADMINS
