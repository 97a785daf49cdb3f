"""What tests of channels may use: a market."""

from tests.channels.elsewhere import leads
from tests.channels.market import market

__all__ = ["leads", "market"]
