"""The task page in a market's frame: without cookies, for allowed sites only, loaded and handed in again and again."""

import json
import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.test import Client

from apps.channels import addresses
from apps.channels.models import Claim, Publication
from apps.core import clock
from apps.ledger.models import Budget
from apps.payments.models import Settlement
from apps.work import services as work
from apps.work.models import Assignment, Judgment
from tests.channels.faults import reset_after
from tests.channels.market import HOST, accept, form_of, launched, looked_at, worked
from tests.channels.test_offers_in_doubt import in_doubt
from tests.running import worker_of

pytestmark = pytest.mark.django_db


def ours(campaign):
    return Assignment.objects.filter(campaign=campaign)


def test_no_page_of_a_slot_sets_a_cookie_or_needs_one(market):
    launched()
    frame = accept(market)

    answers = [frame.get(), frame.save(), frame.get(), Client().get(urlsplit(frame.address).path)]

    assert [answer.status_code for answer in answers] == [200] * 4
    assert all(not answer.cookies for answer in answers)
    assert all("csrf" not in answer.content.decode() for answer in answers)


def test_only_markets_that_the_settings_name_may_show_it(market):
    launched()
    frame = accept(market)

    for answer in (frame.get(), frame.save(), Client().get("/work/slots/forged/")):
        assert f"frame-ancestors {HOST}" in answer["Content-Security-Policy"]
        assert "X-Frame-Options" not in answer
    assert Client().get("/work/")["X-Frame-Options"] == "DENY"


def test_a_preview_shows_the_questions_and_leases_nothing(market):
    campaign = launched()
    path = urlsplit(accept(market).address).path

    for query in ("", "?assignmentId=ASSIGNMENT_ID_NOT_AVAILABLE&hitId=X"):
        answer = Client().get(path + query)
        assert "This is a preview" in answer.content.decode()
        assert 'type="submit"' not in answer.content.decode()
    assert not ours(campaign).exists()
    assert not Claim.objects.exists()


def test_loaded_again_it_is_the_same_page_and_once_handed_in_the_way_on_to_the_market(market):
    campaign = launched()
    frame = accept(market)

    frame.get()
    frame.get()
    assert ours(campaign).count() == 1
    first = form_of(frame.save("cat"))
    again = form_of(frame.save("cat"))

    assert first == again == form_of(frame.get())
    assert first["assignmentId"] == frame.assignment
    assert (first["submission"], first["digest"]) == (frame.claim().pk.hex, frame.claim().digest)


def test_other_answers_than_were_handed_in_change_nothing(market):
    launched()
    frame = accept(market)
    frame.get()
    kept = form_of(frame.save("cat"))

    assert form_of(frame.save("dog")) == kept


def test_what_is_missing_is_said_and_nothing_is_kept(market):
    launched()
    frame = accept(market)
    frame.get()

    answer = Client().post(frame.address, {"given": "{}"})

    assert answer.status_code == 422
    assert "This page is not handed in yet" in answer.content.decode()
    assert frame.claim().answers is None


def test_an_ampersand_as_in_xml_is_understood(market):
    launched()
    frame = accept(market)

    answer = Client().get(frame.address.replace("&workerId", "&amp;workerId"))

    assert answer.status_code == 200
    assert frame.claim().page is not None


@pytest.mark.parametrize(
    "origin", ["https://evil.example.org", "http://testserver.example.org", "javascript:alert(1)//", ""]
)
def test_answers_are_sent_to_no_other_place_than_a_market(market, origin):
    campaign = launched()
    address = accept(market).address.replace("http%3A%2F%2Ftestserver", origin.replace("/", "%2F").replace(":", "%3A"))

    answer = Client().get(address)

    assert answer.status_code == 403
    assert not ours(campaign).exists()


def test_a_forged_or_old_address_opens_nothing(market, time_machine):
    campaign = launched()
    frame = accept(market)
    path, query = frame.address.split("?")

    assert Client().get(f"{path[:-3]}xx/?{query}").status_code == 404
    time_machine.move_to(clock.now() + addresses.LASTS * 1.01)
    assert frame.get().status_code == 404
    assert not ours(campaign).exists()


def test_there_are_never_more_leases_than_slots_whatever_frames_claim(market):
    campaign = launched(items=4, page_size=2, redundancy=2)
    frame = accept(market)
    path, query = frame.address.split("?")

    answers = [
        Client().get(f"{path}?{query.replace(frame.assignment, f'{n:032X}').replace('workerId=A', f'workerId=A{n}')}")
        for n in range(10)
    ]

    assert [answer.status_code for answer in answers].count(200) == 4
    assert ours(campaign).filter(state="leased").count() == 4
    assert Budget.objects.get(owner=campaign.key).held == 40


def test_who_reads_arabic_is_refused_in_arabic(market):
    campaign = launched(items=2, page_size=2, redundancy=1)
    frame = accept(market)
    path, query = frame.address.split("?")
    first = Client().get(frame.address)
    unnamed = query.replace(f"assignmentId={frame.assignment}", "assignmentId=x")
    another = query.replace(frame.assignment, "0" * 32).replace("workerId=A", "workerId=AB")

    refused = [Client(headers={"accept-language": "ar"}).get(f"{path}?{asked}") for asked in (unnamed, another)]
    Publication.objects.filter(campaign=campaign).update(state="disposed")
    refused += [Client(headers={"accept-language": "ar"}).get(f"{path}?{another}")]
    Publication.objects.filter(campaign=campaign).update(state="planned", name="", slots=0, offered_at=None)
    refused += [Client(headers={"accept-language": "ar"}).get(f"{path}?{another}")]

    assert [first.status_code, *(answer.status_code for answer in refused)] == [200, 410, 409, 410, 409]
    for answer in refused:
        assert '<html lang="ar" dir="rtl"' in answer.content.decode()
        said = " ".join(re.findall(r">([^<>]+)<", answer.content.decode().partition("<main")[2]))
        assert re.search("[\u0600-\u06ff]", said)
        assert not re.search("[A-Za-z]{2,}", said), said


def test_who_accepted_before_it_is_known_that_the_offer_was_made_may_load_the_page_again(market):
    in_doubt(market, reset_after)
    Publication.objects.update(due_at=clock.from_now(seconds=900))
    frame = accept(market)

    early = frame.get()

    offer = Publication.objects.get()
    assert (early.status_code, offer.state) == (409, "planned")
    assert "This offer is just being made: load this page again in a minute" in early.content.decode()
    assert offer.due_at < clock.from_now(seconds=60)
    market.reopen()
    looked_at()
    assert frame.get().status_code == 200
    assert frame.claim().page is not None


def test_an_extension_that_the_market_did_not_confirm_gives_nobody_a_page(market):
    campaign = launched(items=4, page_size=2, redundancy=2)
    frame = accept(market)
    path, query = frame.address.split("?")
    Publication.objects.update(asked=9)  # planned, and not known to be done

    answers = [
        Client().get(f"{path}?{query.replace(frame.assignment, f'{n:032X}').replace('workerId=A', f'workerId=A{n}')}")
        for n in range(6)
    ]

    assert [answer.status_code for answer in answers].count(200) == 4
    assert ours(campaign).filter(state="leased").count() == 4


def test_a_slot_that_was_returned_is_the_next_workers(market):
    campaign = launched(items=2, page_size=2, redundancy=1)
    first = accept(market)
    first.get()
    other = market.worker()
    address = first.address.replace(market.name(first.worker), market.name(other))

    answer = Client().get(address)

    assert answer.status_code == 200
    assert list(ours(campaign).order_by("pk").values_list("state", flat=True)) == ["returned", "leased"]


def test_a_claim_that_nobody_confirms_lapses_and_enters_neither_consensus_nor_pay(market, time_machine):
    campaign = launched(items=2, page_size=2, redundancy=1)
    frame = accept(market)
    frame.get()
    frame.save()
    looked_at()
    assert not Judgment.objects.filter(campaign=campaign).exists()

    time_machine.move_to(clock.now() + timedelta(hours=1))
    looked_at()

    assert frame.claim().state == "lapsed"
    assert ours(campaign).get().state == "returned"
    assert not Judgment.objects.filter(campaign=campaign).exists()
    assert Publication.objects.filter(campaign=campaign, state="live").exists()
    assert Budget.objects.get(owner=campaign.key).held == 10


def test_answers_that_we_lost_are_rebuilt_from_what_the_market_carries(market):
    campaign = launched(items=2, page_size=2, redundancy=1)
    frame = accept(market)
    frame.get()
    fields = form_of(frame.save("dog"))
    Claim.objects.update(answers=None, digest="", saved_at=None)  # our own commit was lost

    frame.submit(fields)
    looked_at()

    assert list(Judgment.objects.filter(campaign=campaign).values_list("answer", flat=True)) == ["dog", "dog"]


def test_what_the_market_lost_can_be_handed_in_again_by_loading_the_page(market):
    campaign = launched(items=2, page_size=2, redundancy=1)
    frame = accept(market)
    frame.get()
    frame.save("dog")  # and the browser never got to the market
    looked_at()

    frame.submit(form_of(frame.get()))
    looked_at()

    assert Judgment.objects.filter(campaign=campaign).count() == 2
    assert frame.claim().state == "confirmed"


def test_who_hands_in_at_the_market_alone_is_put_before_a_person(market):
    campaign = launched(items=2, page_size=2, redundancy=1)
    frame = accept(market)

    frame.submit({"assignmentId": frame.assignment, "anything": "at all"})
    looked_at()

    page = frame.claim().page
    assert (page.state, page.review.proposal) == ("submitted", "reject")
    assert "without any answer" in page.review.grounds
    assert not Judgment.objects.filter(campaign=campaign).exists()


def test_a_page_that_went_to_others_before_it_was_confirmed_is_paid_and_not_counted(market):
    campaign = launched(items=2, page_size=2, redundancy=1)
    frame = accept(market)
    frame.get()
    fields = form_of(frame.save("dog"))
    page = frame.claim().page
    work.give_back(page.pk, worker=page.worker)  # as a lapse would
    work.lease(campaign, worker=worker_of(campaign))  # and somebody else was asked

    frame.submit(fields)
    looked_at()

    assert frame.claim().note
    assert not Judgment.objects.filter(campaign=campaign).exists()
    assert (frame.claim().page.state, frame.claim().verdict) == ("approved", "approved")
    settled = Settlement.objects.get(obligation__assignment=frame.claim().page)
    assert (settled.obligation.amount, settled.receipt) == (10, frame.assignment)


def test_reports_of_broken_questions_are_taken_and_paid(market):
    campaign = launched(items=2, page_size=2, redundancy=1)
    frame = accept(market)
    frame.get()
    given = {token: {"broken": "no picture"} for token in frame.answers()}
    frame.submit(form_of(Client().post(frame.address, {"given": json.dumps(given)})))
    looked_at()

    assert ours(campaign).get().state == "approved"
    assert ours(campaign).get().pay == 10


def test_a_form_without_scripts_is_read_too(market):
    launched(items=2, page_size=2, redundancy=1)
    frame = accept(market)
    text = frame.get().content.decode()
    names = dict.fromkeys(re.findall(r'type="radio" name="([^":]+(?::[a-z]+)?)"', text))
    given = {name: "cat" for name in names if not name.startswith("way:")}

    frame.submit(form_of(Client().post(frame.address, given)))
    looked_at()

    assert frame.claim().state == "confirmed"


def test_a_worker_at_two_slots_has_two_pages(market):
    campaign = launched(items=8, page_size=2, redundancy=9)
    worker = market.worker()
    first = accept(market, worker)
    frames = [first, accept(market, worker, beside=first)]

    for frame in frames:
        assert frame.get().status_code == 200

    assert len({frame.claim().page_id for frame in frames}) == 2
    tasks = [set(frame.claim().page.places.values_list("task", flat=True)) for frame in frames]
    assert not tasks[0] & tasks[1]
    assert worked(market).claim().page.campaign == campaign
