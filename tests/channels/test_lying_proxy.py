"""The proxy between a channel and a market does what it says, over real sockets, to boto3's own client."""

import time
from contextlib import suppress

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from apps.turkapi.models import Hit
from infra.house import lying
from tests.channels.wire import over
from tests.turkapi.over_boto3 import HIT, requester

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def proxy(live_server):
    with lying.lying("localhost", live_server.thread.port, faults=lambda: "fine", at="localhost") as proxy:
        yield proxy


def dealt(proxy, name: str, *, read_timeout: float = 60):
    """Create a HIT with this fault on its way; return what boto3 made of it."""
    mturk = over(proxy.address, requester(), read_timeout=read_timeout)
    proxy.faults = lambda: name
    return mturk.create_hit(**HIT)


def test_what_passes_is_as_it_was(proxy):
    assert dealt(proxy, "fine")["HIT"]["HITId"] == str(Hit.objects.get())
    assert proxy.happened == {"fine": 1}


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("reset_after", ConnectionClosedError),
        ("failed_after", ClientError),
    ],
)
def test_after_the_effect_the_client_does_not_know_of_it(proxy, name, error):
    with pytest.raises(error):
        dealt(proxy, name)

    assert Hit.objects.count() == 1


@pytest.mark.parametrize("name", ["emptied", "cut_off", "torn"])
def test_a_spoilt_body_reads_like_a_success_to_boto3(proxy, name):
    assert "HIT" not in dealt(proxy, name)
    assert Hit.objects.count() == 1


def test_what_comes_twice_at_once_under_a_token_is_done_once(proxy):
    mturk = over(proxy.address, requester())
    proxy.faults = lambda: "twice"

    with suppress(ClientError):  # the answer to the second of them says that it was done
        mturk.create_hit(**HIT, UniqueRequestToken="once")

    assert proxy.happened == {"twice": 1}
    assert Hit.objects.count() == 1


def test_an_impatient_client_misses_a_late_answer(proxy):
    with pytest.raises(ReadTimeoutError):
        dealt(proxy, "too_late", read_timeout=1)

    time.sleep(lying.LATER_SECONDS)
    assert Hit.objects.count() == 1


@pytest.mark.parametrize("name", sorted(set(lying.BEFORE) - set(lying.FALSE)))
def test_before_the_effect_there_is_none(proxy, name):
    with pytest.raises((ClientError, ConnectionClosedError)):
        dealt(proxy, name)

    assert not Hit.objects.exists()


@pytest.mark.parametrize("name", lying.FALSE)
def test_a_success_that_is_none_of_the_servers_has_no_effect(proxy, name):
    with suppress(AttributeError):  # boto3 makes a success of it, or stumbles over it
        assert not (dealt(proxy, name) or {}).get("HIT")

    assert not Hit.objects.exists()


def test_the_dice_fall_alike_for_a_seed_and_deal_every_fault():
    one, other = lying.dice(7, share=0.5), lying.dice(7, share=0.5)

    dealt = [one() for _ in range(500)]

    assert dealt == [other() for _ in range(500)]
    assert set(dealt) == set(lying.FAULTS) - {"lost"}  # which befalls chosen slots, and by no dice
    assert 200 < dealt.count("fine") < 300
