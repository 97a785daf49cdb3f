"""What an import takes at most, so that no file costs more time or memory than it is worth; each with its reason."""

KIB, MIB, GIB = 2**10, 2**20, 2**30

# A row is one page of a worker's screen: 1 MiB of text is a book. Bounds a line, a record in quotes, and a JSON object.
MAX_ROW_BYTES = MIB
# Nobody can look at more columns, and each costs a check in every row.
MAX_FIELDS = 500
MAX_FIELD_NAME = 200
MAX_EXTERNAL_ID = 200  # as the column is wide
MAX_MEDIA_NAME = 400  # as the column is wide

# One transaction: large enough that its commit costs nothing, small enough that a killed import repeats under a second.
BATCH_ROWS = 10_000
BATCH_BYTES = 8 * MIB  # of source text, so that a batch of long rows stays small too
BATCH_FILES = 100

# What is told of bad rows; later ones are only counted. Nobody reads more, and garbage must not fill the disk.
MAX_BAD_ROWS_KEPT = 10_000
# A quote that is never closed hides up to MAX_ROW_BYTES of rows, which are read again; so often and no more.
MAX_UNCLOSED_QUOTES = 100

# Of an archive or folder: the names are held in memory, about 1 KiB each.
MAX_ENTRIES = 200_000
MAX_DIRECTORY_BYTES = 64 * MIB  # a ZIP's table of contents, which is read whole; 200,000 names fit
# Deflate reaches 1032 : 1 on zeros, real text 10 : 1, media 1 : 1. Counted over the whole archive while inflating, so
# that neither a lying header nor entries that overlap help.
MAX_INFLATION = 200
FREE_INFLATION_BYTES = 64 * MIB  # below it no ratio is looked at: a small archive of blank pages is no bomb

MAX_MEDIA_BYTES = GIB  # an hour of video for a browser; it passes over the temporary disk
MAX_PICTURE_BYTES = 64 * MIB
MAX_PIXELS = (
    50_000_000  # 200 MB when decoded; cameras make 50 megapixels at most. Below Pillow's own bound of 89 million
)
