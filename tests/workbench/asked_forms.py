"""QuestionForms as tests ask them."""

SCHEMAS = "http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas"


def form(*questions: str) -> str:
    return f'<QuestionForm xmlns="{SCHEMAS}/2005-10-01/QuestionForm.xsd">{"".join(questions)}</QuestionForm>'


def question(name: str, answer: str, *, required: bool = False) -> str:
    must = "<IsRequired>true</IsRequired>" if required else ""
    return (
        f"<Question><QuestionIdentifier>{name}</QuestionIdentifier>{must}<QuestionContent><Text>{name}?</Text>"
        f"</QuestionContent><AnswerSpecification>{answer}</AnswerSpecification></Question>"
    )


def text(constraints: str = "", more: str = "") -> str:
    return f"<FreeTextAnswer><Constraints>{constraints}</Constraints>{more}</FreeTextAnswer>"


def choice(*, style: str = "", fewest: str = "", most: str = "", other: str = "", names: str = "abc") -> str:
    options = "".join(
        f"<Selection><SelectionIdentifier>{name}</SelectionIdentifier><Text>{name.upper()}</Text></Selection>"
        for name in names
    )
    counts = (f"<MinSelectionCount>{fewest}</MinSelectionCount>" if fewest else "") + (
        f"<MaxSelectionCount>{most}</MaxSelectionCount>" if most else ""
    )
    looks = f"<StyleSuggestion>{style}</StyleSuggestion>" if style else ""
    return f"<SelectionAnswer>{counts}{looks}<Selections>{options}{other}</Selections></SelectionAnswer>"


AGE = text('<IsNumeric minValue="18" maxValue="99"/>')
CODE = text('<AnswerFormatRegex regex="^[A-Z]{2}[0-9]$" errorText="Two letters, one digit." flags="i"/>')
OTHER = "<OtherSelection/>"
LINES = "<NumberOfLinesSuggestion>3</NumberOfLinesSuggestion>"
