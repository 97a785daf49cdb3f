"""The channel "mturk": any endpoint that speaks MTurk's API, as boto3's own chain finds it."""

from functools import cache

from apps.channels.mturk.market import MTurk


@cache
def channel() -> MTurk:
    """Return the market, with one client for the whole process."""
    return MTurk()
