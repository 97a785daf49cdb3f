"""Making a campaign step by step over a draft's row, which can be left at any time and taken up by anybody."""
