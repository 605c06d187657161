"""Every text of the source that an artist may see, read from the source itself.

A text that is put together (an f-string, `+`, `.format`) is a template with gaps: "{0}: no such file". What decides
between fixed texts, such as `'s' * (n != 1)` or `"is" if … else "are"`, gives one template for each, so that other
languages can inflect. Too much is better than too little here: what no artist sees is named below, once.
"""

from __future__ import annotations

import ast
import builtins
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
GAP = "\0"
MOST = 24
"""Alternatives of one text beyond which what decides between them stays a gap."""

START = "addon.registration"
TERMINAL = "addon.cli"
"""What is imported from here alone speaks on the command line, in English."""

TABLES = {
    "addon.arguments",
    "addon.bridge.materials",
    "addon.session",
    "core.assets",
    "core.formats.catalogs",
    "core.rig.expressions",
    "core.rig.names_bones",
    "core.rig.names_conventions",
    "core.rig.pulls",
    "core.speech.ipa",
    "core.speech.viseme_tables",
}
"""Modules of names and numbers, and of the command line; what is in an asset library is called alike everywhere."""

CALLS: dict[str, tuple[int | str, ...]] = {
    "label": ("text",),
    "operator": ("text",),
    "operator_menu_enum": ("text",),
    "menu": ("text",),
    "prop": ("text",),
    "progress": (1, "text"),
    "column": ("heading",),
    "trouble": (2, 3),
    "report": (1,),
    "tip_": (0,),
    "iface_": (0,),
    "rpt_": (0,),
}
"""What shows a text, even one of a single word, and which of its arguments that is."""

ALSO = {"Stabilizer": {"core.selftest"}}
"""Single words that no call shows where they are written."""

STAGES = {"stage", "problem"}
"""Attributes that are shown as they are."""

UNSEEN = {"option", "split", "encode", "cast", "setattr", "getattr", "TypeVar", "type_property"}
"""Calls whose texts are no messages."""

NAMES = re.compile(
    rf"Headroom (Export|Landmarks|Studio|Widgets|{GAP})|headroom {GAP} export|AgX - Punchy|bpy\.types\..*"
    rf"|{GAP} (Rig|Variants?|Variant {GAP}|Shape Keys|Color|motion|skull|graph|solved|stabilized)|Variant {GAP}"
    rf"|--.*|-o {GAP}.*|.*headroom (generate|lipsync|rig|stabilize) .*|[Hh]eadroom: .*|say where the result goes: .*"
    rf"|.*(--(object|format)|TMPDIR) .*"
    r"| *(File type|Object class|name|class|text|size|xmin|xmax|intervals: size) = .*| *(item|intervals) \[.*\]:"
    r"|(format binary_|element |property ).*|\(.*\)[$+]+|(en, de), .*|Error: "
    r"|headroom-progress .*|settings = bpy.*|3D View|(?s:\nimport .*)"
)
"""What is written into files and onto the command line: data-blocks keep English names, as Blender's own do."""


def name_of(path: Path) -> str:
    """Give a module's dotted name inside the package."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def reached() -> dict[str, ast.Module]:
    """Parse the modules that the window needs, by name: all that registration imports, but for the command line."""
    found: dict[str, ast.Module] = {}
    waiting = [START]
    while waiting:
        name = waiting.pop()
        path = ROOT.joinpath(*name.split(".")).with_suffix(".py")
        if name in found or name == TERMINAL or not path.is_file():
            continue
        found[name] = tree = ast.parse(path.read_text(encoding="utf-8"))
        package = name.split(".")[:-1]
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.level:
                base = package[: len(package) - node.level + 1] + (node.module or "").split(".")
                start = ".".join(part for part in base if part)
                waiting += [start, *(f"{start}.{alias.name}" for alias in node.names)]
    return {name: found[name] for name in sorted(found) if name not in TABLES}


class Module:
    """Reads one module's messages; `helpers` are functions of one `return`, by name."""

    def __init__(self, tree: ast.Module, helpers: dict[str, ast.expr | None]) -> None:
        self.tree, self.helpers = tree, helpers
        self.inlined: set[int] = set()
        self.scopes: dict[int, ast.AST] = {}
        self.unseen: set[int] = set()
        self.shown: set[int] = set()
        self._walk(tree, tree)

    def _walk(self, node: ast.AST, scope: ast.AST) -> None:
        """Note each node's function, and what shows or does not show its texts."""
        if isinstance(node, ast.FunctionDef | ast.Lambda):
            scope = node
        self.scopes[id(node)] = scope
        self._judge(node)
        for child in ast.iter_child_nodes(node):
            self._walk(child, scope)

    def _judge(self, node: ast.AST) -> None:
        hidden: list[ast.AST | None] = []
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            hidden = [node.value]
        elif isinstance(node, ast.AnnAssign | ast.arg):
            hidden = [node.annotation]
        elif isinstance(node, ast.FunctionDef):
            hidden = [node.returns]
        elif isinstance(node, ast.Subscript):
            hidden = [node.slice]
        elif isinstance(node, ast.Compare):
            hidden = [node]
        elif isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            hidden = [node.exc] if hasattr(builtins, called(node.exc)) else []
        elif isinstance(node, ast.Assign):
            given = pairs(node.targets[-1], node.value)
            self.shown |= {id(value) for name, value in given if getattr(name, "attr", "") in STAGES}
        elif isinstance(node, ast.Call):
            hidden = [node] if called(node) in UNSEEN else []
            for place in CALLS.get(called(node), ()):
                if isinstance(place, int):
                    self.shown |= {id(one) for one in node.args[place : place + 1]}
                else:
                    self.shown |= {id(word.value) for word in node.keywords if word.arg == place}
        for part in hidden:
            if part is not None:
                self.unseen |= {id(one) for one in ast.walk(part)}

    def messages(self) -> Iterator[tuple[int, str]]:
        """Give every message with its line."""
        roots = list(self._roots(self.tree))
        found = [(node, self.alternatives(node)) for node in roots]
        for node, texts in found:
            if id(node) in self.inlined:
                continue
            for text in texts:
                word = id(node) in self.shown and text[:1].isupper()
                if (is_sentence(text) or word) and not NAMES.fullmatch(text):
                    yield node.lineno, numbered(text)

    def _roots(self, node: ast.AST) -> Iterator[ast.expr]:
        """Give the outermost expressions that make texts."""
        if id(node) in self.unseen:
            return
        if isinstance(node, ast.expr) and is_text(node):
            yield node
            for inner in ast.walk(node):  # calls inside a gap may hold texts of their own
                if isinstance(inner, ast.FormattedValue) and not is_text(inner.value):
                    yield from self._roots(inner.value)
            return
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.IfExp) and id(node) in self.shown:
                self.shown |= {id(child.body), id(child.orelse)}
            yield from self._roots(child)

    def alternatives(self, node: ast.AST, depth: int = 0) -> list[str]:
        """Give what an expression may say, with gaps for what only running it can tell."""
        found = self._said(node, depth) if depth < 8 else None
        return found if found is not None and len(found) <= MOST else [GAP]

    def _said(self, node: ast.AST, depth: int) -> list[str] | None:
        if isinstance(node, ast.Constant):
            return [node.value.replace("{}", GAP)] if isinstance(node.value, str) else None
        if isinstance(node, ast.JoinedStr):
            return self._joined(node.values, depth)
        if isinstance(node, ast.FormattedValue):
            return [GAP] if node.format_spec or node.conversion > 0 else self.alternatives(node.value, depth + 1)
        if isinstance(node, ast.IfExp):
            return [*self.alternatives(node.body, depth + 1), *self.alternatives(node.orelse, depth + 1)]
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) and is_text(node):
            return self._joined([node.left, node.right], depth)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult) and isinstance(node.left, ast.Constant):
            return [node.left.value, ""] if isinstance(node.left.value, str) else None
        if isinstance(node, ast.Call):
            return self._call(node, depth)
        if isinstance(node, ast.Name):
            return self._name(node, depth)
        return None

    def _joined(self, parts: list[ast.expr], depth: int) -> list[str]:
        each = [self.alternatives(part, depth + 1) for part in parts]
        while len(list(itertools.product(*each))) > MOST:
            each[max(range(len(each)), key=lambda at: len(each[at]))] = [GAP]
        return ["".join(texts) for texts in itertools.product(*each)]

    def _call(self, node: ast.Call, depth: int) -> list[str] | None:
        function = node.func
        if isinstance(function, ast.Attribute) and function.attr == "format" and is_text(function.value):
            return [re.sub(r"\{[^{}]*\}", GAP, text) for text in self.alternatives(function.value, depth + 1)]
        if isinstance(function, ast.Attribute) and function.attr == "join" and isinstance(function.value, ast.Constant):
            between = str(function.value.value)
            return [GAP + between + GAP] if between.strip().isalpha() else None
        body = self.helpers.get(called(node))
        return self._fixed(body, depth) if body is not None else None

    def _name(self, node: ast.Name, depth: int) -> list[str] | None:
        """Look up a variable of the function that is only ever given texts."""
        scope = self.scopes.get(id(node))
        given = list(values_of(scope, node.id)) if isinstance(scope, ast.FunctionDef) else []
        if not given or None in given:
            return None
        said = [self._fixed(value, depth) for value in given if value is not None]
        if None in said:
            return None
        return list(itertools.chain.from_iterable(one for one in said if one))

    def _fixed(self, node: ast.expr, depth: int) -> list[str] | None:
        """Give alternatives that are more than a gap each."""
        found = self.alternatives(node, depth + 1)
        if any(text.strip() == GAP for text in found):
            return None
        self.inlined |= {id(one) for one in ast.walk(node) if isinstance(one, ast.expr)}
        return found


def values_of(scope: ast.FunctionDef, name: str) -> Iterator[ast.expr | None]:
    """Give what a function's variable is given, None for what is none of its own (a loop's turn, a part of a tuple)."""
    for part in ast.walk(scope):
        if isinstance(part, ast.AugAssign | ast.For | ast.NamedExpr):
            if any(isinstance(one, ast.Name) and one.id == name for one in ast.walk(part.target)):
                yield None
        elif isinstance(part, ast.Assign):
            for target, value in itertools.chain.from_iterable(pairs(target, part.value) for target in part.targets):
                if isinstance(target, ast.Name) and target.id == name:
                    yield value
                elif isinstance(target, ast.Tuple) and any(getattr(one, "id", "") == name for one in target.elts):
                    yield None


def pairs(target: ast.expr, value: ast.expr) -> list[tuple[ast.expr, ast.expr]]:
    """Give what is assigned to what."""
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        return list(zip(target.elts, value.elts, strict=False))
    return [(target, value)]


def called(node: ast.Call) -> str:
    """Name the function that is called, without what it is called on."""
    function = node.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def is_text(node: ast.expr) -> bool:
    """Tell whether an expression is a text by its looks."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return is_text(node.left) or is_text(node.right)
    if isinstance(node, ast.IfExp):
        return is_text(node.body) and is_text(node.orelse)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("format", "join"):
        return is_text(node.func.value)
    return isinstance(node, ast.JoinedStr)


def is_sentence(text: str) -> bool:
    """Tell whether a text has words to translate: two letters in a row and a blank beside them."""
    return bool(re.search(r"[A-Za-z]{2,}[,;:.)]* |[ (][A-Za-z]{2,}", text))


def numbered(text: str) -> str:
    """Write a text as a template: gaps are numbered."""
    count = itertools.count()
    return re.sub(GAP, lambda _: f"{{{next(count)}}}", text)


def helpers_of(tree: ast.Module) -> Iterator[tuple[str, ast.expr | None]]:
    """Give a module's functions by name, with what those give that only have a `return`."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            last = node.body[-1]
            yield node.name, last.value if isinstance(last, ast.Return) and len(node.body) <= 2 else None


def messages() -> dict[str, set[str]]:
    """Give every message of the source, each with the modules that it stands in."""
    trees = reached()
    own = {name: dict(helpers_of(tree)) for name, tree in trees.items()}
    names = [helper for helpers in own.values() for helper in helpers]
    shared = {helper: body for helpers in own.values() for helper, body in helpers.items() if names.count(helper) == 1}
    found = {text: set(where) for text, where in ALSO.items()}
    for name in trees:
        for _, text in Module(trees[name], shared | own[name]).messages():
            found.setdefault(text, set()).add(name)
    return found


if __name__ == "__main__":
    for text, where in messages().items():
        print(repr(text), *sorted(where))
