"""What sources hold to translate: calls of gettext in Python and in templates, and sentences composed in English.

A sentence that a rule composes, `f"{file_name} holds no products"`, stays English where it is made, stored and raised:
there nobody knows yet who will read it. Its template `%(file_name)s holds no products` is a message of the catalog, by
which sentences.py says it again in the reader's language. Computes only.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product

from django.utils.translation.template import templatize

GETTEXT = {"gettext", "gettext_lazy", "gettext_noop"}
NGETTEXT = {"ngettext", "ngettext_lazy"}
PGETTEXT = {"pgettext", "pgettext_lazy"}
TABLE = "table"  # of web/admin/tables.py, which says the headings that it is called with
ALIASES = {"_": "gettext", "_lazy": "gettext_lazy"}
LITERAL = r"""[uU]?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
CALL = re.compile(rf"\b(n?p?gettext|_)\(\s*({LITERAL}(?:\s*,\s*{LITERAL})*)")
TEXT = re.compile(LITERAL)
NO_SENTENCE = re.compile(
    r"[<{_\[\\\n\u4e00-\u9fff]|%%[sd]|charset=|excluded\.|attachment;|\b(TABLE|INTO|SELECT|PRAGMA|SAVEPOINT|ROLLBACK|RELEASE)\b"
)
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")


@dataclass(frozen=True, slots=True, order=True)
class Message:
    """An English text to translate; plural and context are "" where there is none."""

    text: str
    plural: str = ""
    context: str = ""


def called_messages(source: str) -> Iterator[Message]:
    """Find what a Python source hands to gettext and its kin."""
    tree = ast.parse(source)
    names = _imported_names(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            texts = _literals(node.args)
            if name == TABLE and node.args and isinstance(node.args[0], ast.List):
                yield from (Message(text) for text in _literals(node.args[0].elts) if text)
            yield from _message(names.get(name, name), texts)


def template_messages(source: str) -> Iterator[Message]:
    """Find what a template hands to {% translate %} and {% blocktranslate %}."""
    for call in CALL.finditer(templatize(source)):
        texts = [ast.literal_eval(text) for text in TEXT.findall(call[2])]
        yield from _message(ALIASES.get(call[1], call[1]), texts)


def raised_sentences(source: str, errors: Iterable[str]) -> Iterator[str]:
    """Find the templates of the sentences that a Python source raises the named errors with."""
    wanted = set(errors)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and _called(node) in wanted and node.args:
            yield from _templates(node.args[0])


def composed_sentences(source: str) -> Iterator[str]:
    """Find the templates of all sentences that a Python source holds, but for its docstrings."""
    tree = ast.parse(source)
    told_already = {id(part) for node in ast.walk(tree) for part in _not_for_people(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr | ast.Constant) and id(node) not in told_already:
            yield from filter(_is_sentence, _templates(node))


def _not_for_people(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the parts of a node that are no texts of their own: docstrings, types, pieces of a text, gettext's own."""
    for told in (getattr(node, "annotation", None), getattr(node, "returns", None)):
        yield from ast.walk(told) if isinstance(told, ast.AST) else ()
    if isinstance(node, ast.Expr):
        yield node.value
    if isinstance(node, ast.JoinedStr):
        yield from (part for value in node.values for part in ast.walk(value))
    if isinstance(node, ast.Call) and _called(node) in {*GETTEXT, *NGETTEXT, *PGETTEXT, *ALIASES, "getLogger"}:
        yield from node.args


def _literals(values: Iterable[ast.expr]) -> list[str]:
    return [value.value for value in values if isinstance(value, ast.Constant) and isinstance(value.value, str)]


def _imported_names(tree: ast.AST) -> dict[str, str]:
    """Return what the names of a module stand for that it imports under other names, as `gettext as _`."""
    imports = (node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom))
    return ALIASES | {name.asname: name.name for node in imports for name in node.names if name.asname}


def _message(function: str, texts: list[str]) -> Iterator[Message]:
    if function in GETTEXT and texts:
        yield Message(text=texts[0])
    elif function in NGETTEXT and len(texts) > 1:
        yield Message(text=texts[0], plural=texts[1])
    elif function in PGETTEXT and len(texts) > 1:
        yield Message(text=texts[1], context=texts[0])
    elif function == "npgettext" and len(texts) > 2:
        yield Message(text=texts[1], plural=texts[2], context=texts[0])


def _called(call: ast.Call) -> str:
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _templates(text: ast.expr) -> list[str]:
    """Return the templates of what an expression may become; none where no text stands in it."""
    if isinstance(text, ast.Constant):
        return [text.value.replace("%", "%%")] if isinstance(text.value, str) else []
    if isinstance(text, ast.IfExp):
        return [*_templates(text.body), *_templates(text.orelse)]
    if isinstance(text, ast.JoinedStr):
        return _joined([_pieces(value) for value in text.values])
    if isinstance(text, ast.BinOp) and isinstance(text.op, ast.Add):
        sides = [_templates(side) or [_placeholder(side)] for side in (text.left, text.right)]
        return _joined(sides)
    return []


def _pieces(value: ast.expr) -> list[str]:
    if not isinstance(value, ast.FormattedValue):
        return _templates(value)
    if isinstance(value.value, ast.IfExp) and value.format_spec is None:
        branches = (value.value.body, value.value.orelse)
        return [piece for branch in branches for piece in _templates(branch) or [_placeholder(branch)]]
    return [_placeholder(value.value)]


def _joined(parts: list[list[str]]) -> list[str]:
    """Return every combination, unless there is no word in it that is not filled in."""
    return ["".join(choice) for choice in product(*parts) if re.search(r"[a-z]", PLACEHOLDER.sub("", "".join(choice)))]


def _placeholder(value: ast.expr) -> str:
    name = re.sub(r"\W+", "_", ast.unparse(value)).strip("_")
    return f"%({name[:40].strip('_')})s"


def _is_sentence(template: str) -> bool:
    """Tell what people read from addresses, markup, queries, log lines and keys."""
    told = PLACEHOLDER.sub(" ", template)
    words = re.findall(r"[A-Za-z’']{2,}", told)
    least = 1 if told != template else 2  # a single word beside what is filled in, as in "covers …"
    return len(words) >= least and " " in template.strip() and template[-1] != " " and not NO_SENTENCE.search(told)
