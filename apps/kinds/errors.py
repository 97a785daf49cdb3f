"""What is wrong with settings or an answer, as a sentence for the person who gave them."""


class Bad(ValueError):
    """Something given by a person can't be used. `str()` is the sentence, `where` the path to it ('' = all of it)."""

    def __init__(self, sentence: str, *, where: str = "") -> None:
        super().__init__(sentence)
        self.where = where


class BadSettings(Bad):
    """A requester's settings for a kind cannot be used."""


class BadAnswer(Bad):
    """An answer is not one that these settings allow."""
