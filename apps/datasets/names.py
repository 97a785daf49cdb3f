"""Names inside archives and folders: compared and shown, never joined to a path of ours, and still refused when odd."""

import re
from pathlib import PurePosixPath

from apps.core.text import UNSTORABLE
from apps.datasets.limits import MAX_MEDIA_NAME

DRIVE = re.compile(r"[A-Za-z]:")
CONTROL = re.compile("[\x01-\x1f\x7f]")
# Left behind by systems' archivers and file browsers; nobody means them as items.
DEBRIS = re.compile(r"(?:^|/)(?:__MACOSX/|\.DS_Store$|Thumbs\.db$|desktop\.ini$|\._[^/]*$)")


def problem(name: str) -> str:
    """Say why a file of this name is refused, "" if it isn't.

    >>> problem("../../etc/passwd")
    "leads out of the archive by '..'"
    >>> problem("cats/1.png")
    ''
    """
    if found := UNSTORABLE.search(name) or CONTROL.search(name):
        return f"has the character U+{ord(found[0]):04X} in its name"
    if "\\" in name:
        return "has a backslash in its name; folders are separated by '/'"
    if name.startswith("/") or DRIVE.match(name):
        return "has an absolute name"
    if ".." in PurePosixPath(name).parts:
        return "leads out of the archive by '..'"
    if len(name) > MAX_MEDIA_NAME:
        return f"has a name of {len(name)} characters, {MAX_MEDIA_NAME} are the most"
    return "" if name else "has no name"
