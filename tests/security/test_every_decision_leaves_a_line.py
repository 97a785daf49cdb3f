"""P20 by the source: whoever decides is told to a function that leaves a line of it, from whichever door.

That the lines are written with what they tell of, and undone with it: test_decisions_leave_a_line.py.
"""

from deciding import deciding, functions, leaving_a_line, source, told_by, undecided_buttons, undecided_calls

from tests.architecture.source import planted

# Functions told who does it that leave no line, each with the reason.
THE_ROW_TELLS = {
    "campaigns.services.drafting.begin", "campaigns.services.drafting.amend", "campaigns.services.making.create",
    "campaigns.services.making.revise", "campaigns.services.making.clone",
    "campaigns.services.making.publish_guidelines", "datasets.services.start_import", "pipeline.flow.bring_in",
    "pipeline.flow.ask_for", "console.exports.start", "console.exports.start_year", "console.label_files.start",
    "quality.services.auditing.draw_audit", "quality.services.auditing.judge", "quality.services.auditing.adjudicate",
}  # fmt: skip
A_MOMENT_LATER = {"quality.services.reviewing.approve_soon", "pipeline.flow.approve_soon"}  # with the approval itself
# What was asked for is done by its own function, which does.
BY_ITS_VERB = {f"pipeline.market_signing.{name}" for name in ("agree", "agree_asked", "ask_of_signing")}
HELPERS = {
    "api.paging._read", "payments.services.batches._needs_second", "payments.services.signing.asked_alone",
    "payments.services.signing.lock_limit",
    "quality.services.auditing._decide", "quality.services.reviewing._ask", "quality.services.reviewing._overturn",
    "quality.services.reviewing.needs_second", "workforce.own_pay.refuse_own_pay", "pipeline.fair_pay._short",
    "pipeline.fair_pay._plan",
}  # fmt: skip
NO_LINE = {f"apps.{name}" for name in THE_ROW_TELLS | A_MOMENT_LATER | BY_ITS_VERB | HELPERS}

# Calls of the API that change something which is neither money, nor a verdict, nor who may do what.
ONES_OWN_WORK = {
    "account": "Account.patch Erasure.post Erasure.delete Agreements.post PayoutMethods.put PayoutMethods.delete",
    "aftermath": "Contest.post",
    "working": "Assignments.post Submit.post Change.post Extend.post GiveBack.post Show.post Release.post Dispute.post",
}
MADE_OR_NAMED = {
    "audits": "Draw.post Judge.post Adjudicate.post",
    "belt": "Unpark.post",
    "campaigns": "Campaigns.post OneCampaign.put FromLabelStudio.post Clone.post GuidelinesOfCampaign.post"
    " Exports.post",
    "datasets": "Datasets.post OneDataset.patch Items.post",
    "gold": "GoldOfCampaign.post OneGold.delete",
    "money": "Exports.post",
    "people": "Workers.post OneWorker.patch Groups.post OneGroup.patch OneGroup.delete Qualifications.post"
    " OneQualification.delete",
}
# As `BY_ITS_VERB`; and what asks a market does it in its `ask`, outside of the transaction.
AGREED_TO = {"signing": "Agree.post", "reaching": "Notify.post Block.post", "markets": "TakeOff.post"}
# The same in the admin, with what only shows or writes a file.
BUTTONS = {
    "admin.campaigns": "clone publish_guidelines add_gold labels report",
    "admin.datasets": "browse upload",
    "admin.payouts": "tax",
    "admin.pipeline": "unpark",
    "admin.policies": "revise",  # leads to the form whose saving decides
    "admin.quality": "approve_chosen reject_chosen",  # by `_decide_each`
    "admin.reconciliations": "file manifest",
    "admin.signoffs": "agree",
    "admin.workforce": "grant act",
    "as_files": "to_yaml to_label_studio from_yaml from_label_studio",
    "measuring": "quality",
    "payments_report": "report export download exports",
    "steering": "set_up look",
}


def listed(of: str, each: dict[str, str]) -> set[str]:
    return {f"{of}.{name} {verb}" for name, verbs in each.items() for verb in verbs.split()}


def test_p20_every_function_that_is_told_who_decides_leaves_a_line():
    assert {name for name in functions() if told_by(name)} - leaving_a_line() == NO_LINE


def test_p20_every_call_of_the_api_that_decides_does_it_by_such_a_function():
    views = [module for name, module in source().items() if name.startswith("apps.api.views")]

    found = {f"{view.name} {verb}" for view in views for verb in undecided_calls(view)}

    assert found == listed("apps.api.views", ONES_OWN_WORK | MADE_OR_NAMED | AGREED_TO)


def test_p20_every_button_of_the_admin_that_decides_does_it_by_such_a_function():
    pages = [module for name, module in source().items() if name.startswith("apps.console")]

    found = {f"{page.name} {button}" for page in pages for button in undecided_buttons(page)}

    assert found == listed("apps.console", BUTTONS)


def test_the_rule_sees_a_payout_that_is_begun_by_nobody():
    view = "from apps.payments import queries\nclass Begin:\n    def post(self): queries.payout(1)"
    page = "from apps.payments import queries\n@button('Begin')\ndef begin(self): queries.payout(1)"

    assert list(undecided_calls(planted("apps.api.views.x", view))) == ["Begin.post"]
    assert list(undecided_buttons(planted("apps.console.x", page))) == ["begin"]
    assert {"apps.payments.services.sending.begin", "apps.members.services.make_token"} <= deciding()
