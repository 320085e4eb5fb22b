"""Code as HTML: eBPF C, Python and shell by Pygments, with a mark at each TODO."""

from __future__ import annotations

import html
import re

from pygments import highlight as highlighted
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

LANGUAGE_OF = {".c": "c", ".py": "python", ".sh": "sh", ".toml": "toml", ".json": "json"}
NAMES = {"c": "eBPF C", "python": "Python", "sh": "shell", "console": "terminal", "": "text"}
SHELLS = ("sh", "console")
CODE_SPAN = re.compile(r"`([^`]+)`")
TODO = re.compile(r"\bTODO (\d+)\b")

# Short names of classes; the colours stand in the stylesheet, once for light and once for dark.
FORMATTER: HtmlFormatter[str] = HtmlFormatter(nowrap=True, classprefix="k-")


COLOURED = frozenset(
    re.findall(
        r"\w+", "k kn kt kd kr kc ow nt s s1 s2 sa sd se si sr cpf c c1 cm ch gp cp m mi mf mh nf nn nb nc go"
    )
)
"""Classes that the stylesheet knows. The others (most of a program) would only make pages heavy."""
SPAN = re.compile(r'<span class="k-(\w+)">([^<]*)</span>')


class UnknownLanguage(Exception):
    """Pygments knows no language of this name."""


def inner(text: str, language: str) -> str:
    """The text with its tokens in spans, no element around it."""
    if not language or language == "text":
        return html.escape(text, quote=False)
    try:
        lexer = get_lexer_by_name(language, stripnl=False)
    except ClassNotFound:
        raise UnknownLanguage(language) from None
    return SPAN.sub(lambda one: one[0] if one[1] in COLOURED else one[2], highlighted(text, lexer, FORMATTER))


def block(text: str, language: str = "", label: str = "", origin: str = "") -> str:
    """A whole code block. `label` is what a screen reader calls it, `origin` the file it is the text of.

    It can be scrolled, so it can be reached with the keyboard.
    """
    name = label or f"{NAMES.get(language, language)} code"
    kind = " shell" if language in SHELLS else ""
    data = f' data-file="{html.escape(origin)}"' if origin else ""
    return (
        f'<div class="code{kind}"><pre tabindex="0" role="group" aria-label="{html.escape(name)}"{data}>'
        f"<code>{inner(text, language)}</code></pre></div>"
    )


def code_spans(text: str) -> str:
    """A sentence out of the code, as HTML with its `names` as code."""
    return CODE_SPAN.sub(r"<code>\1</code>", html.escape(text, quote=False))


def starter(text: str, file: str, prefix: str) -> str:
    """A whole file, each line that opens a TODO marked and with an anchor `<prefix>-<number>`."""
    language = LANGUAGE_OF.get(file[file.rfind(".") :], "")
    lines = []
    for line in inner(text, language).splitlines():
        found = TODO.search(line)
        lines.append(f'<mark id="{prefix}-{found[1]}">{line}</mark>' if found else line)
    shown = "\n".join(lines)
    return (
        f'<div class="code"><pre tabindex="0" role="group" aria-label="{html.escape(file)}"'
        f' data-file="{html.escape(file)}"><code>{shown}\n</code></pre></div>'
    )
