"""What a page's policy has to forbid, and what its HTML must not hold for the policy to forbid it."""

import re
from collections.abc import Mapping

# A requester's own document has an origin of its own, which can do nothing to ours: its sandbox says so.
SANDBOXED = re.compile(r"^sandbox(?!.*allow-same-origin)")
INLINE = {
    "an element of styles": re.compile(r"<style\b"),
    "a style in an attribute": re.compile(r"<[^>]+\sstyle\s*="),
    "a handler in an attribute": re.compile(r"<[^>]+\son[a-z]+\s*="),
    "an address that is a script": re.compile(r"(?:href|src|action)\s*=\s*[\"']?\s*javascript:", re.IGNORECASE),
}
SCRIPT = re.compile(r"<script\b([^>]*)>")


def directives(policy: str) -> dict[str, list[str]]:
    """Return the words of each directive."""
    parts = (part.split() for part in policy.split(";"))
    return {words[0]: words[1:] for words in parts if words}


def laxities(policy: str) -> list[str]:
    """Return what a policy lets run that it should not: anything inline or evaluated, or of anybody's."""
    if SANDBOXED.match(policy):
        return []
    found = directives(policy)
    told = [] if found.get("default-src") == ["'none'"] else ["what is not named is let in"]
    for name, words in found.items():
        told += [f"{name} {word}" for word in words if word.startswith("'unsafe-") or (word in ("*", "data:", "blob:")
                 and name in ("script-src", "style-src", "default-src"))]  # fmt: skip
    return told


def inline(html: str, nonces: str = "") -> list[str]:
    """Return what stands in the page that should be a file of its own."""
    told = [name for name, pattern in INLINE.items() if pattern.search(html)]
    for attributes in SCRIPT.findall(html):
        is_data = re.search(r"type=[\"']application/json[\"']", attributes)
        nonce = re.search(r"nonce=[\"']([^\"']+)[\"']", attributes)
        is_ours = re.search(r"src=[\"'](?:https?://[^/]+)?/static/", attributes)
        if not (is_data or is_ours or (nonce and f"'nonce-{nonce[1]}'" in nonces)):
            told.append(f"<script{attributes}>")
    return told


def faults(headers: Mapping[str, str], html: str) -> list[str]:
    """Return why a page is not held strictly."""
    policy = headers.get("Content-Security-Policy", "")
    if not policy:
        return ["no policy"]
    if SANDBOXED.match(policy):
        return []
    return [*laxities(policy), *inline(html, policy)]
