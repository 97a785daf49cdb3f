"""Identifiers: near their neighbours in an index where that helps, and untellable where they must not be guessed."""

import time
import uuid
from concurrent.futures import ThreadPoolExecutor

from apps.core import ids


def test_an_id_is_a_version_7_uuid_of_the_standards_variant():
    made = [ids.new_id() for _ in range(200)]

    assert {one.version for one in made} == {7}
    assert {one.variant for one in made} == {uuid.RFC_4122}


def test_ids_stand_in_the_order_of_the_milliseconds_in_which_they_were_made():
    before = ids.new_id()
    time.sleep(0.002)
    after = ids.new_id()

    assert before < after
    assert str(before) < str(after)


def test_an_id_tells_the_millisecond_in_which_it_was_made():
    begun = time.time_ns() // 1_000_000
    made = ids.new_id()
    ended = time.time_ns() // 1_000_000

    assert begun <= made.int >> 80 <= ended


def test_ids_made_in_one_millisecond_by_many_threads_are_all_different():
    with ThreadPoolExecutor(8) as pool:
        made = [one for many in pool.map(lambda _: [ids.new_id() for _ in range(500)], range(8)) for one in many]

    assert len(set(made)) == len(made)


def test_a_token_tells_nothing_of_when_it_was_made():
    made = [ids.new_token() for _ in range(64)]

    assert {one.version for one in made} == {4}
    assert made != sorted(made)
