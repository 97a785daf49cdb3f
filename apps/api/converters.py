"""Parts of addresses."""

from django.urls.converters import IntConverter


class Int64Converter(IntConverter):
    """A whole number that a row's id can be: longer ones are no address, and never reach the database."""

    regex = "[0-9]{1,18}"
