"""What languages are called."""

from django.utils.translation import get_language_info


def language(code: str) -> str:
    """Return the name of a language in the reader's, or its code where nobody knows it."""
    try:
        return str(get_language_info(code)["name_translated"])
    except KeyError:
        return code
