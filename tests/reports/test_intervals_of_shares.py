import pytest
from scipy.stats import binomtest

from apps.reports.intervals import wilson


@pytest.mark.parametrize(("right", "total"), [(0, 1), (1, 1), (0, 50), (50, 50), (3, 7), (1748, 1797)])
def test_the_interval_is_wilsons(right: int, total: int) -> None:
    expected = binomtest(right, total).proportion_ci(method="wilson")

    share = wilson(right, total)

    assert share is not None
    assert (share.low, share.high) == pytest.approx((expected.low, expected.high), abs=1e-12)
    assert share.low <= share.share <= share.high


def test_nothing_has_no_share() -> None:
    assert wilson(0, 0) is None
