"""An exercise's drawing: a self-contained SVG in the page's own colours."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

from lab.website.authoring import Source

SVG = "{http://www.w3.org/2000/svg}"
WIDEST = 480
"""Units of its own: on a phone 358 pixels are left for a drawing, and 13-unit letters must stay readable."""
FORBIDDEN = {"script", "image", "foreignObject", "style", "use", "a"}
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b|\brgb|\bhsl")


def read_diagram(source: Source) -> str:
    """The SVG element, ready to stand in a page.

    Raises AuthoringError when it is no SVG, has no title and description for people who cannot see it, is too
    wide for a phone, brings its own colours (it must follow light and dark), or refers to something outside.
    """
    try:
        top = ET.fromstring(source.text)
    except ET.ParseError as error:
        raise source.wrong(error.position[0], f"no XML: {error}", "xmllint --noout " + source.path) from None
    for tag in ("title", "desc"):
        if not (top.findtext(SVG + tag) or "").strip():
            raise source.wrong(1, f"the drawing has no <{tag}>", f"say in <{tag}> what it shows, in words")
    box = (top.get("viewBox") or "").split()
    if top.tag != SVG + "svg" or len(box) != 4:
        raise source.wrong(1, "no <svg> with a viewBox", 'begin with <svg xmlns="…" viewBox="0 0 440 300">')
    if float(box[2]) > WIDEST:
        raise source.wrong(1, f"the drawing is {box[2]} wide", f"at most {WIDEST}, or nobody can read it")
    for element in top.iter():
        name = element.tag.removeprefix(SVG)
        if name in FORBIDDEN:
            raise source.wrong(source.line_of(f"<{name}"), f"<{name}> in a drawing", "use shapes and text")
        for key, value in element.attrib.items():
            if key.startswith("on") or "href" in key or "url(" in value or COLOUR.search(value):
                raise source.wrong(
                    source.line_of(value),
                    f'{key}="{value}" in a drawing',
                    "use the classes box, user, kernel, probe, map, flow, note (see CONTRIBUTING.md)",
                )
    return labelled(source.text)


def labelled(text: str) -> str:
    """The element alone, with the attributes by which a screen reader announces it."""
    body = text[text.index("<svg") :].strip()
    body = body.replace("<svg", '<svg role="img" aria-labelledby="diagram-title diagram-desc"', 1)
    body = body.replace("<title>", '<title id="diagram-title">', 1)
    return body.replace("<desc>", '<desc id="diagram-desc">', 1)
