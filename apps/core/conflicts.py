"""What stands against a request now, and may not at another time."""


class Conflicting(Exception):
    """The answer is no as things are; str() is a sentence.

    `field` names what stands in the way, as campaign.state; `found` is what it is, and `wanted` what it should be: one
    value, or a list of those that would do.
    """

    def __init__(self, said: str, *, field: str, found: object, wanted: object) -> None:
        super().__init__(said)
        self.field, self.found, self.wanted = field, found, wanted
