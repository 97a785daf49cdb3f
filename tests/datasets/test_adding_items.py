"""One item added by itself, as a program that asks for one thing at a time does."""

import pytest

from apps.datasets import services as datasets
from apps.datasets.models import Item
from tests.factories import DatasetFactory

pytestmark = pytest.mark.django_db


def test_an_item_is_added_once_whatever_it_says_the_second_time():
    dataset = DatasetFactory()

    first = datasets.add_item(dataset, external_id="a", data={"text": "What is this?"})
    again = datasets.add_item(dataset, external_id="a", data={"text": "Something else"})

    assert first == again
    assert Item.objects.get().data == {"text": "What is this?"}


@pytest.mark.parametrize("data", [{}, {"text": ["a", "list"]}, {"text": "a\x00b"}, {"picture": {"media": "cat.png"}}])
def test_what_no_item_may_hold_is_refused(data):
    with pytest.raises(ValueError, match=r"fields|list|stored|media"):
        datasets.add_item(DatasetFactory(), external_id="a", data=data)
    assert not Item.objects.exists()
