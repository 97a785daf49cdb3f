"""One module for each format of labels, found by being here.

Each has `write(selection, sink) -> (columns, rows)`: it writes all labels of the selection to a binary stream, the same
bytes every time, at a memory that does not grow with their number. It is called within a transaction.
"""
