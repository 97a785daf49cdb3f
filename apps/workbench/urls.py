"""The workbench's addresses, below /work/."""

from django.urls import path

from apps.workbench.views import (
    account,
    ahead,
    answering_back,
    campaigns,
    changes,
    earnings,
    handing_over,
    joining,
    last,
    pages,
    payout,
    previews,
    slots,
    tokens,
)
from apps.workbench.views.documents import document

app_name = "workbench"
urlpatterns = [
    path("", campaigns.open_campaigns, name="open"),
    path("campaigns.json", campaigns.campaigns_json, name="campaigns_json"),
    path("earnings/", earnings.earnings, name="earnings"),
    path("answers/", last.last, name="last"),
    path("account/", account.account, name="account"),
    path("account/data", account.data, name="data"),
    path("account/erase", account.erase, name="erase"),
    path("account/payout", payout.payout, name="payout"),
    path("account/tokens", tokens.tokens, name="tokens"),
    path("account/tokens/new", tokens.make_token, name="make_token"),
    path("account/tokens/<uuid:token_id>/revoke", tokens.revoke_token, name="revoke_token"),
    path("logged-in/", joining.logged_in, name="logged_in"),
    path("terms/", joining.terms, name="terms"),
    path("invitations/<str:token>/", joining.invitation, name="invitation"),
    path("pages/<uuid:assignment_id>/", pages.page, name="page"),
    path("frames/<str:signed>/", document, name="frame"),
    path("pages/<uuid:assignment_id>/submit", pages.submit, name="submit"),
    path("pages/<uuid:assignment_id>/hand-in", handing_over.hand_in, name="hand_in"),
    path("pages/<uuid:assignment_id>/extend", pages.extend, name="extend"),
    path("pages/<uuid:assignment_id>/give-back", pages.give_back, name="give_back"),
    path("pages/<uuid:assignment_id>/change", changes.change, name="change"),
    path("pages/<uuid:assignment_id>/dispute", answering_back.dispute, name="dispute"),
    path("pages/<uuid:assignment_id>/contest/<int:gold_id>", answering_back.contest, name="contest"),
    path("slots/<str:signed>/", slots.slot, name="slot"),
    path("preview/<str:signed>/", previews.preview, name="preview"),
    path("pages/<uuid:assignment_id>/ahead", ahead.ahead, name="ahead"),
    path("pages/<uuid:assignment_id>/shown", ahead.shown, name="shown"),
    path("pages/<uuid:assignment_id>/release", ahead.release, name="release"),
    path("<uuid:campaign_id>/", campaigns.campaign, name="campaign"),
    path("<uuid:campaign_id>/lease", campaigns.lease, name="lease"),
]
