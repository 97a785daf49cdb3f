"""The last test of a run is no long one."""

from types import SimpleNamespace

from tests.beginning_early import in_order


def item(name: str, *marks: str) -> SimpleNamespace:
    return SimpleNamespace(name=name, get_closest_marker=dict.fromkeys(marks, name).get)


def test_long_tests_begin_before_all_others_which_stay_in_their_order():
    found = in_order([item("b", "django_db"), item("siege", "long"), item("a"), item("page", "django_db", "long")])

    assert [each.name for each in found] == ["siege", "page", "b", "a"]
