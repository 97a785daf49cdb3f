"""What all that fork from here need, opened once: the market that boto3's own chain leads to, whose client reads
megabytes, and the kind that campaigns of a siege are of."""

from apps.channels.mturk.channel import channel
from apps.kinds import discovery

channel().calls.client.meta  # noqa: B018 - made now
discovery.of("single_choice")
