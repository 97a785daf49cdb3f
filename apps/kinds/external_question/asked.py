"""The questions of a QuestionForm, read with what they ask of their answers.

A demand that no answer could meet is refused where the form is taken in. One that was taken in is read without it: a
rule that we learnt since does not take a question from workers who are at it, or its answers from their requester.
"""

from collections.abc import Iterator
from dataclasses import replace
from xml.etree.ElementTree import Element

from apps.kinds.errors import BadSettings
from apps.kinds.external_question.elements import Refuse, child, children, count, find, leave_out, text
from apps.kinds.external_question.rules import Asked, Choice, Format, Own, Text

STYLES = ("radiobutton", "checkbox", "list", "dropdown", "combobox", "multichooser")
TALLEST = 40  # rows


def read(root: Element, *, refuse: Refuse = leave_out) -> tuple[Asked, ...]:
    """Return what the form asks, in its order; raise BadSettings for what can't be asked.

    `refuse` is told of each demand that can't be kept.
    """
    found = [(text(each, "QuestionIdentifier").strip(), each) for each in children(root, "Question")]
    names = [identifier for identifier, _ in found]
    for identifier in names:
        if names.count(identifier) > 1:
            refuse(f"QuestionIdentifier {identifier!r} is given twice")
    if not names:
        raise BadSettings("the QuestionForm asks nothing; it should have a Question", where="question")
    return tuple(_asked(identifier, each, names, refuse) for identifier, each in found)


def options(question: Element) -> Iterator[Element]:
    """Return the options of a question that is answered by choosing."""
    selections = find(question, "Selections")
    return children(selections, "Selection") if selections is not None else iter(())


def _asked(identifier: str, question: Element, taken: list[str], refuse: Refuse) -> Asked:
    required = text(question, "IsRequired", missing="false").strip() in ("true", "1")
    selection, free = find(question, "SelectionAnswer"), find(question, "FreeTextAnswer")
    if selection is not None:
        return Asked(identifier, required, _choice(identifier, question, selection, taken, refuse))
    if free is not None:
        return Asked(identifier, required, _text(identifier, free, refuse))
    raise BadSettings(
        f"question {identifier!r} has no FreeTextAnswer or SelectionAnswer: files can't be asked for", where="question"
    )


def _choice(identifier: str, question: Element, selection: Element, taken: list[str], refuse: Refuse) -> Choice:
    known = [text(each, "SelectionIdentifier").strip() for each in options(question)]
    if not known:
        raise BadSettings(f"question {identifier!r} has no Selection to choose", where="question")
    style = text(selection, "StyleSuggestion", missing=STYLES[0]).strip()
    fewest, most = (
        count(text(selection, name, missing=""), what=f"{name} of question {identifier!r}", refuse=refuse)
        for name in ("MinSelectionCount", "MaxSelectionCount")
    )
    own = find(selection, "OtherSelection")
    written = None if own is None else _own(identifier, own, known, taken, refuse)
    choice = Choice(style, known, 1 if fewest is None else fewest, 1 if most is None else max(most, 1), written)
    if choice.fewest > min(choice.most, choice.number):
        refuse(
            f"MinSelectionCount of question {identifier!r} is {choice.fewest}; it should be MaxSelectionCount "
            f"({choice.most}) and the number of choices ({choice.number}) at most"
        )
        return replace(choice, fewest=min(choice.fewest, choice.number), most=choice.number)
    return choice


def _own(identifier: str, other: Element, known: list[str], taken: list[str], refuse: Refuse) -> Own:
    return Own(_free("other", known), _free(f"{identifier}.other", taken), _text(identifier, other, refuse))


def _free(wanted: str, taken: list[str]) -> str:
    while wanted in taken:
        wanted += "_"
    return wanted


def _text(identifier: str, free: Element, refuse: Refuse) -> Text:
    suggested = text(free, "NumberOfLinesSuggestion", missing="1")
    rows = count(suggested, what=f"NumberOfLinesSuggestion of question {identifier!r}", refuse=refuse, least=1)
    constraints = find(free, "Constraints")
    numeric = None if constraints is None else child(constraints, "IsNumeric")
    length = None if constraints is None else child(constraints, "Length")
    lowest, highest = _bounds(identifier, numeric, "minValue", "maxValue", refuse, least=-(10**18))
    shortest, longest = _bounds(identifier, length, "minLength", "maxLength", refuse)
    return Text(
        rows=min(rows or 1, TALLEST),
        begins=text(free, "DefaultText", missing=""),
        numeric=numeric is not None,
        least=lowest,
        most=highest,
        shortest=shortest,
        longest=longest,
        formats=() if constraints is None else tuple(map(_format, children(constraints, "AnswerFormatRegex"))),
    )


def _bounds(
    identifier: str, rule: Element | None, low: str, high: str, refuse: Refuse, *, least: int = 0
) -> tuple[int | None, int | None]:
    if rule is None:
        return None, None
    lowest, highest = (
        count(rule.get(name), what=f"{name} of question {identifier!r}", refuse=refuse, least=least)
        for name in (low, high)
    )
    if lowest is not None and highest is not None and lowest > highest:
        refuse(f"{low} of question {identifier!r} is more than its {high}")
        return None, None
    return lowest, highest


def _format(rule: Element) -> Format:
    return Format(rule.get("regex", ""), "i" in rule.get("flags", ""), rule.get("errorText", ""))
