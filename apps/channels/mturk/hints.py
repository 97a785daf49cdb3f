"""Events that the market tells to a queue: they carry no answers and may come twice or never: hints to look, no more.

A topic (SNS) reaches us by a queue subscribed to it: then the event is a message in a message.
"""

import json
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from apps.channels.base import ChannelBusy
from apps.channels.mturk import calls

EVENTS = ["AssignmentSubmitted", "AssignmentReturned", "AssignmentAbandoned", "HITReviewable", "HITExpired"]
AT_ONCE = 10  # messages that one request takes
MOST_REQUESTS = 20


def wanted(hit_type: str, *, queue: str, topic: str) -> dict[str, Any]:
    """Return what asks the market to tell a topic, or else the queue itself, what happens to all HITs of a type."""
    to, transport = (topic, "SNS") if topic else (queue, "SQS")
    notification = {"Destination": to, "Transport": transport, "Version": "2014-08-15", "EventTypes": EVENTS}
    return {"HITTypeId": hit_type, "Notification": notification, "Active": True}


def read(queue: str) -> set[str]:
    """Take what waits in the queue; return the HITs that something happened to. Raises `ChannelBusy`."""
    client = calls.queue_client(queue)
    found: set[str] = set()
    try:
        for _ in range(MOST_REQUESTS):
            taken = client.receive_message(QueueUrl=queue, MaxNumberOfMessages=AT_ONCE).get("Messages", [])
            if not taken:
                break
            found |= {hit for message in taken for hit in hits(message["Body"])}
            gone = [{"Id": str(n), "ReceiptHandle": each["ReceiptHandle"]} for n, each in enumerate(taken)]
            client.delete_message_batch(QueueUrl=queue, Entries=gone)
    except (BotoCoreError, ClientError, *calls.UNREADABLE) as error:
        raise ChannelBusy(f"the queue of the market's events can't be read: {type(error).__name__}") from error
    return found


def hits(body: str) -> set[str]:
    """Return the HITs that a message is about; none for what can't be read.

    >>> hits('{"Events": [{"EventType": "AssignmentSubmitted", "HITId": "H1"}, {"EventType": "Ping"}]}')
    {'H1'}
    >>> hits('{"Type": "Notification", "Message": "{\\\\"Events\\\\": [{\\\\"HITId\\\\": \\\\"H2\\\\"}]}"}'), hits("?")
    ({'H2'}, set())
    """
    try:
        said = json.loads(body)
        if isinstance(said, dict) and "Events" not in said:
            said = json.loads(said.get("Message", ""))
        return {str(event["HITId"]) for event in said["Events"] if event.get("HITId")}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return set()
