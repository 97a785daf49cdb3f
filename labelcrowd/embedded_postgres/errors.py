"""What goes wrong with the embedded server, as sentences for an operator."""


class EmbeddedPostgresError(RuntimeError):
    """The embedded PostgreSQL cannot be used as asked; the text says why and what would help."""
