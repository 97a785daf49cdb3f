"""Parts of addresses."""

from django.urls.converters import IntConverter, StringConverter


class Int64Converter(IntConverter):
    """A whole number that a row's id can be: longer ones are no address, and never reach the database."""

    regex = "[0-9]{1,18}"


class KeyIdConverter(StringConverter):
    """What names a key of MTurk's service, and holds nothing that a database would not take."""

    regex = "[A-Z0-9]{16,32}"
