"""labelcrowd from another program, over its API: a client that needs no Django, and the command `labelcrowd`."""

from labelcrowd_client.client import Client, Failed, Refused

__all__ = ["Client", "Failed", "Refused"]
