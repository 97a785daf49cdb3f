"""Payments as files, with totals that equal the books: a format is a module of `formats`, found by being there."""

from apps.reports.payments.books import BooksDiffer
from apps.reports.payments.export import check_books, format_names, write_payments
from apps.reports.payments.period import BadPeriod

__all__ = ["BadPeriod", "BooksDiffer", "check_books", "format_names", "write_payments"]
