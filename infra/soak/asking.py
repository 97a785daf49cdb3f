"""One intent carried out at the market that boto3's own chain leads to: what a process does before it is killed."""

from uuid import UUID

from apps.channels import services
from apps.channels.models import Intent
from apps.channels.mturk.channel import channel

MARKET = channel()  # once for all that fork from here: a client reads megabytes of models


def carry_out(intent_id: UUID) -> Intent:
    """Have the market do it, once, as the belt would."""
    return services.carry_out(Intent.objects.get(pk=intent_id), channel=MARKET)
