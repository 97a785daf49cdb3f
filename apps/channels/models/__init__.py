"""What we asked of markets and what came of it: intents; publications and claims; grants; statements."""

from apps.channels.models.claims import Claim
from apps.channels.models.grants import Grant, Qualifier
from apps.channels.models.intents import CALL_LASTS, Intent
from apps.channels.models.publications import Publication
from apps.channels.models.statements import Purse, Reconciliation

__all__ = ["CALL_LASTS", "Claim", "Grant", "Intent", "Publication", "Purse", "Qualifier", "Reconciliation"]
