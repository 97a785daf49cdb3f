"""Dawid-Skene over more than one process or machine: each module is an engine, found by its name."""


class EngineFailed(RuntimeError):
    """The engine, and not the file, is why there are no labels; says in a sentence what became of it."""
