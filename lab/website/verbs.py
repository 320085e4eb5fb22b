"""The command's verbs as its own help knows them: for the reference page, and to check every page by."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from typer.main import get_command

from lab.cli import app_for

COMMAND = re.compile(r"^\s*(?:\$ )?(?:bin/)?lab(?= |$)([^#|;&\n]*)")


@dataclass(frozen=True)
class Parameter:
    """An argument or an option of a verb."""

    names: tuple[str, ...]
    """`--workspace`, `-w`; an argument's own name in capitals."""
    value: str
    """What stands behind an option: `FOLDER`; empty for a switch and for arguments."""
    help: str
    required: bool
    is_option: bool


@dataclass(frozen=True)
class Verb:
    """One verb, or a group of verbs."""

    words: tuple[str, ...]
    """`("dev", "check")`; empty for `lab` itself."""
    summary: str
    example: str
    parameters: tuple[Parameter, ...]
    inner: Mapping[str, Verb]

    @property
    def name(self) -> str:
        """`lab dev check`."""
        return " ".join(("lab", *self.words))

    @property
    def id(self) -> str:
        """Its anchor on the reference page."""
        return "-".join(("lab", *self.words))

    @property
    def usage(self) -> str:
        """`lab check [options] EXERCISE`."""
        arguments = [
            one.names[0] if one.required else f"[{one.names[0]}]"
            for one in self.parameters
            if not one.is_option
        ]
        options = ["[options]"] if any(one.is_option for one in self.parameters) else []
        return " ".join([self.name, *options, *arguments])

    def options(self) -> set[str]:
        """Every option it takes."""
        return {name for one in self.parameters if one.is_option for name in one.names} | {"--help", "-h"}

    def leaves(self) -> Iterator[Verb]:
        """All verbs below it that do something."""
        for verb in self.inner.values():
            if verb.inner:
                yield from verb.leaves()
            else:
                yield verb


def all_verbs() -> Verb:
    """The whole tree, from the command itself."""
    return verb_of(get_command(app_for(())), ())


def verb_of(command: Any, words: tuple[str, ...]) -> Verb:
    """A node of the command's tree. (typer carries a copy of click, so the type has no public name.)"""
    text, _, example = (command.help or "").partition("Example:")
    inner = getattr(command, "commands", {})
    return Verb(
        words,
        " ".join(text.split()),
        example.strip(),
        tuple(parameter_of(one) for one in command.params if not getattr(one, "hidden", False)),
        {name: verb_of(one, (*words, name)) for name, one in inner.items()},
    )


def parameter_of(one: Any) -> Parameter:
    """What the help says about one parameter."""
    is_option = one.param_type_name == "option"
    names = [*one.opts, *one.secondary_opts] if is_option else [one.metavar or one.name.upper()]
    switch = is_option and (one.is_flag or one.count)
    value = "" if switch or not is_option else one.metavar or type_name(one)
    return Parameter(
        tuple(name.strip() for name in names if name.strip()),
        value,
        getattr(one, "help", None) or "",
        one.required,
        is_option,
    )


def type_name(one: Any) -> str:
    """`NUMBER`, `PATH` or `TEXT`. (Newer typers keep the annotation, older ones click's type.)"""
    kind = str(getattr(getattr(one, "type_descriptor", None), "annotation", "") or one.type).lower()
    for part, name in (("int", "NUMBER"), ("float", "NUMBER"), ("path", "PATH")):
        if part in kind:
            return name
    return "TEXT"


def commands_in(text: str) -> list[tuple[int, str]]:
    """Lines (from 0) of a code block, or a piece of code in a sentence, that are a `lab` command."""
    found = []
    for number, line in enumerate(text.splitlines()):
        match = COMMAND.match(line)
        if match:
            found.append((number, match[1].strip()))
    return found


def wrong_with(words_text: str, top: Verb) -> str:
    """Why `lab <words_text>` is no command of ours; empty when it is one.

    Words in capitals, and what stands in brackets or after an ellipsis, stand for something else.
    """
    try:
        words = shlex.split(re.sub(r"[\[\]]", " ", re.sub(r"\[[^-][^\]]*\]", " ", words_text)))
    except ValueError:
        return f"the quotes in {words_text!r} do not match"
    verb = top
    for index, word in enumerate(words):
        if word.startswith("-"):
            name = word.partition("=")[0]
            if name not in verb.options():
                return f"{verb.name} has no option {name}"
        elif verb.inner:
            if word.isupper() or word in ("…", "..."):
                return ""
            if word not in verb.inner:
                return f"{verb.name} has no verb {word}"
            verb = verb.inner[word]
        elif index and not any(not one.is_option or one.value for one in verb.parameters):
            return f"{verb.name} takes no argument, and {word} is one"
    return ""
