"""Why a request is refused, as MTurk's clients understand it: a type, a TurkErrorCode, and a sentence."""


class Refused(Exception):
    """The request is answered with an error; `code` is what clients decide by."""

    type = "RequestError"
    status = 400

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class BadValue(Refused):
    """A value that the operation does not take."""

    type = "ParameterValidationError"

    def __init__(self, sentence: str) -> None:
        super().__init__("AWS.ParameterValidationError", sentence)


class Malformed(Refused):
    """The request is not what the service's model says, or nobody may make it."""

    def __init__(self, type_: str, sentence: str, *, status: int = 400) -> None:
        super().__init__("", sentence)
        self.type = type_
        self.status = status


def turk(code: str, sentence: str) -> Refused:
    """Return the refusal with a code of MTurk's own."""
    return Refused(f"AWS.MechanicalTurk.{code}", sentence)


def missing(noun: str, key: str) -> Refused:
    """Return the refusal for what is not there, or not this requester's: nobody is told which."""
    codes = {"HIT": "HITDoesNotExist", "HITType": "HITTypeDoesNotExist", "Assignment": "AssignmentDoesNotExist"}
    code = codes.get(noun, f"{noun}DoesNotExist")
    return turk(code, f"{noun} {key} does not exist.")
