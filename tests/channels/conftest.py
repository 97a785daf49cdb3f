"""What tests of channels may use: a market."""

from tests.channels.market import market

__all__ = ["market"]
