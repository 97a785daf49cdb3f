"""The last test of a run is no long one."""

from types import SimpleNamespace

from tests.beginning_early import APART, in_order


def item(name: str, *, long: str = "", commits: bool = False) -> SimpleNamespace:
    marks = {"long": SimpleNamespace(kwargs={})} if long else {}
    marks |= {"django_db": SimpleNamespace(kwargs={"transaction": commits})}
    return SimpleNamespace(name=name, path=long, get_closest_marker=marks.get, fixturenames=[])


def test_long_tests_begin_behind_those_that_are_rolled_back_with_many_short_ones_between():
    short = [item(f"short {n}", commits=True) for n in range(2 * APART)]
    long = [item("page", long="pages", commits=True), item("siege", long="sieges"), item("more pages", long="pages")]

    found = [each.name for each in in_order([item("rolled back"), *short, *long])]

    assert found[:4] == ["rolled back", "page", "more pages", "short 0"]
    assert found[3 + APART] == "siege"
    assert sorted(found) == sorted(["rolled back", *(each.name for each in short + long)])


def test_where_there_are_few_others_nothing_is_lost():
    assert [each.name for each in in_order([item("siege", long="sieges"), item("page", long="pages")])] == [
        "siege", "page",
    ]  # fmt: skip
