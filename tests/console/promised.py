"""What each role may open in the admin, as the product promises it: written down a second time, in its own words."""

from apps.members.models import Role

LABELS = {
    "datasets.Dataset", "datasets.Item", "campaigns.Campaign", "campaigns.Guidelines", "campaigns.GoldQuestion",
    "quality.Review", "quality.Dispute", "quality.Audit", "workforce.Worker", "workforce.Skill",
    "workforce.Restriction", "workforce.Link", "quality.RejectionPolicy",
}  # fmt: skip
MONEY = {
    "members.Trail", "ledger.Account", "ledger.Budget", "ledger.Entry", "ledger.Posting", "payments.Obligation",
    "payments.PayoutBatch", "payments.Payout", "payments.PayoutPolicy", "payments.BudgetAlert", "ledger.Closing",
}  # fmt: skip
OWN = {
    "datasets.Import", "workforce.Group", "workforce.Qualification", "ledger.Budget", "payments.BudgetAlert",
    "turkapi.AccessKey", "workforce.Invitation", "members.Terms", "campaigns.PayPolicy",
}  # fmt: skip
MARKETS = {"channels.Publication", "channels.Claim", "channels.Reconciliation"}
ADMINS = {"members.Organization", "members.Membership", "pipeline.Delivery", "pipeline.Schedule",
          "members.Token", "notices.Endpoint", "notices.Notice"}  # fmt: skip
MAY_VIEW = {
    Role.REVIEWER: LABELS,
    Role.REQUESTER: LABELS | OWN | MARKETS,
    Role.FINANCE: MONEY | MARKETS,
    Role.ADMIN: LABELS | OWN | MONEY | MARKETS | ADMINS,
}
MAY_ADD = {
    Role.REVIEWER: set(),
    Role.REQUESTER: {
        "datasets.Dataset",
        "campaigns.Campaign",
        "workforce.Worker",
        "workforce.Group",
        "workforce.Invitation",
        "turkapi.AccessKey",
    },
    Role.FINANCE: {"ledger.Entry", "ledger.Closing", "payments.PayoutBatch", "payments.Obligation"},
}
MAY_ADD[Role.ADMIN] = MAY_ADD[Role.REQUESTER] | MAY_ADD[Role.FINANCE] | {
    "members.Token", "notices.Endpoint", "members.Membership", "members.Terms", "payments.PayoutPolicy",
    "campaigns.PayPolicy", "quality.RejectionPolicy",
}  # fmt: skip
