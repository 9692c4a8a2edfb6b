"""Reading the parts of a tree, and collecting what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from dsl.diagnostics import Diagnostic
from dsl.project import RuleProject
from dsl.suggest import did_you_mean, either, nearest
from engine.scenarios import codes
from engine.scenarios.codes import ScenarioCode
from engine.scenarios.tree import Group, Items, Leaf, Tree

YES_NO = {"yes": True, "true": True, "no": False, "false": False}


class Reader:
    """Collects messages; what cannot be read is None, and what stands beside it is read all the same."""

    def __init__(self, project: RuleProject) -> None:
        self.project = project
        self.found: list[Diagnostic] = []

    def report(self, code: ScenarioCode, at: Tree, message: str, help_: str | None = None) -> None:
        """Note what is wrong."""
        self.found.append(code.at(at.span, message, help=help_))

    def group(
        self, tree: Tree, what: str, allowed: Iterable[str], *, instead: Callable[[Tree], str | None] = lambda _: None
    ) -> dict[str, Tree]:
        """The members of a group that may have these; unknown and second ones are reported.

        instead: what to write in the place of a word that it may not have, or of what is no group, where that is known.
        """
        names = tuple(allowed)
        members: dict[str, Tree] = {}
        for key, value in self.named(tree, what, example=names[0], instead=instead):
            if key.text in names:
                members[key.text] = value
                continue
            near = did_you_mean([f"`{name}`" for name in nearest(key.text, names)])
            listed = "it may have " + ", ".join(f"`{name}`" for name in names)
            help_ = instead(key) or near or listed
            self.report(codes.UNKNOWN_MEMBER, key, f"{what} has no `{key.text}`", help_)
        return members

    def named(
        self, tree: Tree, what: str, *, example: str = "name", instead: Callable[[Tree], str | None] = lambda _: None
    ) -> list[tuple[Leaf, Tree]]:
        """The members of a group that may have any names; second ones are reported."""
        if not isinstance(tree, Group):
            help_ = instead(tree) or f"write `{example}: …` below it, further to the right"
            self.report(codes.WRONG_SHAPE, tree, f"{what} needs names with values", help_)
            return []
        members: dict[str, tuple[Leaf, Tree]] = {}
        for key, value in tree.members:
            if key.text in members:
                self.report(codes.TOO_MANY, key, f"`{key.text}` stands here twice", "keep one of them")
            else:
                members[key.text] = (key, value)
        return list(members.values())

    def listing(self, tree: Tree, what: str) -> tuple[Tree, ...]:
        """The items of a list."""
        if isinstance(tree, Items):
            return tree.items
        self.report(codes.WRONG_SHAPE, tree, f"{what} is a list", "begin each of its items with `- `")
        return ()

    def one_or_more(self, tree: Tree) -> tuple[Tree, ...]:
        """The items of a list, or the one thing that stands in the place of a list."""
        return tree.items if isinstance(tree, Items) else (tree,)

    def text(self, tree: Tree | None, what: str) -> str | None:
        """A text that is not blank."""
        if tree is None:
            return None
        if not isinstance(tree, Leaf):
            self.report(codes.WRONG_SHAPE, tree, f"{what} is a text", "write it after the `:`")
            return None
        if not tree.text.strip():
            self.report(codes.MISSING_MEMBER, tree, f"{what} is blank", "write it after the `:`")
            return None
        return tree.text

    def yes_or_no(self, tree: Tree | None, what: str, *, default: bool) -> bool:
        """`yes` or `no`."""
        if tree is None:
            return default
        value = YES_NO.get(tree.text.lower()) if isinstance(tree, Leaf) else None
        if value is None:
            self.report(codes.WRONG_VALUE, tree, f"{what} is `yes` or `no`")
            return default
        return value

    def one_of(self, tree: Tree, what: str, allowed: Iterable[str]) -> str | None:
        """One of some words."""
        text = self.text(tree, what)
        words = tuple(allowed)
        if text is None or text in words:
            return text
        self.report(codes.WRONG_VALUE, tree, f"{what} cannot be `{text}`", meant(text, words, "it is "))
        return None

    def known(self, tree: Tree, what: str, known: Mapping[str, object] | Iterable[str], where: str) -> str | None:
        """A name that the rules know."""
        text = self.text(tree, what)
        if text is None:
            return None
        name = text.removeprefix("`").removesuffix("`") if text.startswith("`") else text
        names = tuple(known)
        if name in names:
            return name
        help_ = meant(name, names, "there is ") or (None if names else f"there is no {what} at all")
        self.report(codes.UNKNOWN_NAME, tree, f"{where} no {what} `{name}`", help_)
        return None


def meant(name: str, known: Iterable[str], otherwise: str) -> str | None:
    """`did you mean …?`, or all of them where they are few."""
    names = tuple(known)
    near = did_you_mean([f"`{each}`" for each in nearest(name, names)])
    if near is not None or not names or len(names) > 12:
        return near
    return otherwise + either([f"`{each}`" for each in names])
