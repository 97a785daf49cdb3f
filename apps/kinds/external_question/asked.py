"""The questions of a QuestionForm, read with what they ask of their answers."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from apps.kinds.errors import BadSettings
from apps.kinds.external_question.elements import child, children, count, find, text
from apps.kinds.external_question.rules import Asked, Choice, Format, Own, Text

STYLES = ("radiobutton", "checkbox", "list", "dropdown", "combobox", "multichooser")
TALLEST = 40  # rows


def read(root: Element) -> tuple[Asked, ...]:
    """Return what the form asks, in its order; raise BadSettings for what can't be asked."""
    found = [(text(each, "QuestionIdentifier"), each) for each in children(root, "Question")]
    names = [identifier for identifier, _ in found]
    for identifier in names:
        if names.count(identifier) > 1:
            raise BadSettings(f"QuestionIdentifier {identifier!r} is given twice", where="question")
    if not names:
        raise BadSettings("the QuestionForm asks nothing; it should have a Question", where="question")
    return tuple(_asked(identifier, each, taken=names) for identifier, each in found)


def options(question: Element) -> Iterator[Element]:
    """Return the options of a question that is answered by choosing."""
    selections = find(question, "Selections")
    return children(selections, "Selection") if selections is not None else iter(())


def _asked(identifier: str, question: Element, *, taken: list[str]) -> Asked:
    required = text(question, "IsRequired", missing="false").strip() in ("true", "1")
    selection, free = find(question, "SelectionAnswer"), find(question, "FreeTextAnswer")
    if selection is not None:
        return Asked(identifier, required, _choice(identifier, question, selection, taken))
    if free is not None:
        return Asked(identifier, required, _text(identifier, free))
    raise BadSettings(
        f"question {identifier!r} has no FreeTextAnswer or SelectionAnswer: files can't be asked for", where="question"
    )


def _choice(identifier: str, question: Element, selection: Element, taken: list[str]) -> Choice:
    known = [text(each, "SelectionIdentifier") for each in options(question)]
    if not known:
        raise BadSettings(f"question {identifier!r} has no Selection to choose", where="question")
    style = text(selection, "StyleSuggestion", missing=STYLES[0]).strip()
    fewest, most = (
        count(text(selection, name, missing=""), what=f"{name} of question {identifier!r}")
        for name in ("MinSelectionCount", "MaxSelectionCount")
    )
    own = find(selection, "OtherSelection")
    written = None if own is None else _own(identifier, own, known, taken)
    choice = Choice(style, known, 1 if fewest is None else fewest, 1 if most is None else max(most, 1), written)
    if choice.fewest > min(choice.most, choice.number):
        raise BadSettings(
            f"MinSelectionCount of question {identifier!r} is {choice.fewest}; it should be MaxSelectionCount "
            f"({choice.most}) and the number of choices ({choice.number}) at most",
            where="question",
        )
    return choice


def _own(identifier: str, other: Element, known: list[str], taken: list[str]) -> Own:
    return Own(_free("other", known), _free(f"{identifier}.other", taken), _text(identifier, other))


def _free(wanted: str, taken: list[str]) -> str:
    while wanted in taken:
        wanted += "_"
    return wanted


def _text(identifier: str, free: Element) -> Text:
    rows = text(free, "NumberOfLinesSuggestion", missing="1").strip()
    constraints = find(free, "Constraints")
    numeric = None if constraints is None else child(constraints, "IsNumeric")
    length = None if constraints is None else child(constraints, "Length")
    lowest, highest = _bounds(identifier, numeric, "minValue", "maxValue", least=-(10**18))
    shortest, longest = _bounds(identifier, length, "minLength", "maxLength")
    return Text(
        rows=min(int(rows), TALLEST) if rows.isdecimal() else 1,
        begins=text(free, "DefaultText", missing=""),
        numeric=numeric is not None,
        least=lowest,
        most=highest,
        shortest=shortest,
        longest=longest,
        formats=() if constraints is None else tuple(map(_format, children(constraints, "AnswerFormatRegex"))),
    )


def _bounds(
    identifier: str, rule: Element | None, low: str, high: str, *, least: int = 0
) -> tuple[int | None, int | None]:
    if rule is None:
        return None, None
    lowest, highest = (
        count(rule.get(name), what=f"{name} of question {identifier!r}", least=least) for name in (low, high)
    )
    if lowest is not None and highest is not None and lowest > highest:
        raise BadSettings(f"{low} of question {identifier!r} is more than its {high}", where="question")
    return lowest, highest


def _format(rule: Element) -> Format:
    return Format(rule.get("regex", ""), "i" in rule.get("flags", ""), rule.get("errorText", ""))
