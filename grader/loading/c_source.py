"""Where the C of a tracer stands: in a file of its own, or as text in tracer.py."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from grader.loading.complaint import Line

COMPILED = re.compile(r"^Exception: Failed to compile BPF module b?'?([^'\n]+?)'?$", re.MULTILINE)
LOADER = "tracer.py"


@dataclass(frozen=True)
class CSource:
    """The C, as the compiler gets it."""

    file: str
    """Where the learner finds it."""
    text: str = ""
    """Empty where it is not known: tracer.py may put it together."""
    first: int = 1
    """The line of the file in which its first line stands."""

    def lines(self) -> Iterator[tuple[int, str]]:
        """(number in the file, text) of each line."""
        return enumerate(self.text.splitlines(), start=self.first)

    def line(self, number: int, quoted: str) -> Line:
        """The line that the compiler counts as `number` and quotes; without a number where it is another."""
        own = number + self.first - 1
        known = dict(self.lines())
        unknown = self.file == LOADER if not known else known.get(own, "").strip() != quoted.strip()
        return Line(self.file, 0 if unknown else own, quoted)

    def function(self, name: str) -> Line:
        """Where a function begins; its head alone where that is not known."""
        for number, text in self.lines():
            if name and re.search(rf"\b{re.escape(name)}\s*\(", text):
                return Line(self.file, number, text)
        return Line(self.file, 0, f"int {name}(...)" if name else "")


def c_source(stderr: str, sources: Mapping[str, str]) -> CSource:
    """What BCC says that it compiled, else what tracer.py gives it, else the only C file there is."""
    compiled = COMPILED.search(stderr)
    inline = _inline(sources.get(LOADER, ""))
    if compiled and not compiled[1].startswith("<"):
        name = compiled[1].rsplit("/", 1)[-1]
        return CSource(name, sources.get(name, ""))
    if compiled or inline:
        return inline or CSource(LOADER)
    files = [name for name in sources if name.endswith(".c")]
    name = files[0] if len(files) == 1 else "tracer.bpf.c"
    return CSource(name, sources.get(name, ""))


def _inline(loader: str) -> CSource | None:
    """The text that tracer.py hands to BPF(text=...); None where it names a file, or nothing."""
    try:
        tree = ast.parse(loader)
    except (SyntaxError, ValueError):
        return None
    named = {
        target.id: node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    given = {
        word.arg: word.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        for word in node.keywords
        if word.arg in ("text", "src_file") and getattr(node.func, "id", "") == "BPF"
    }
    if "text" not in given or "src_file" in given:
        return None
    text = given["text"]
    value = named.get(text.id) if isinstance(text, ast.Name) else text
    if not isinstance(value, ast.Constant) or not isinstance(value.value, str):
        return CSource(LOADER)
    return CSource(LOADER, value.value, _first_line(value.value, loader.splitlines(), value.lineno))


def _first_line(text: str, loader: list[str], lineno: int) -> int:
    """Where a string's first line stands: where the string begins, or below, when that line is joined."""
    inner = text.splitlines()[1:-1]
    joined = lineno + 1
    return joined if inner and loader[joined : joined + len(inner)] == inner else lineno
