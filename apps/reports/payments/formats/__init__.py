"""One module for each format of payments, found by being here.

Each has `write(table, sink, *, period)`: it goes through the table's rows once and writes them to a binary stream, the
same bytes every time, at a memory that does not grow with their number.
"""
