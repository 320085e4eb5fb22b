"""The search index: an entry for each section of each page, as a script that a page loads when asked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from lab.website.page_facts import PageFacts

SHOWN_CHARS = 120
WORD = re.compile(r"[a-z_]\w{2,}(?:[.-]\w+)*")
COMMON = frozenset(
    WORD.findall(
        "about after all and any are because before but can comes does each for from had has have here how"
        " into its may more most must not nothing one only other out over same see shows since some such than"
        " that the their them then there these they this those too two was were what when where which while"
        " who why will with you your yours"
    )
)
"""Nobody searches for these."""


def script(pages: Iterable[tuple[str, str, PageFacts]]) -> str:
    """`window.labSearchIndex = [[page, section, address, shown, others], ...]`, from (address, title, facts).

    Fetching is not possible from a file, and a script is.
    """
    entries = [
        [title, part.title, address + (f"#{part.id}" if part.id else ""), *searchable(part.text)]
        for address, title, facts in pages
        for part in facts.parts
        if part.title or part.text
    ]
    return f"window.labSearchIndex = {json.dumps(entries, ensure_ascii=False, separators=(',', ':'))};\n"


def searchable(text: str) -> tuple[str, str]:
    """The beginning of the text, to be shown, and every other word of it, once.

    The search looks for pieces of words, so `request` is found where `requests` is, and is left out.
    """
    shown = text[:SHOWN_CHARS].rpartition(" ")[0] if len(text) > SHOWN_CHARS else text
    kept = shown.lower()
    # The longest first: those that are in them come later. Then the text's own order.
    words = list(dict.fromkeys(word for word in WORD.findall(text.lower()) if word not in COMMON))
    others = set()
    for word in sorted(words, key=len, reverse=True):
        if word not in kept:
            others.add(word)
            kept += f" {word}"
    return shown, " ".join(word for word in words if word in others)
