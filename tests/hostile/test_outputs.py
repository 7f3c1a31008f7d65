"""What is shown of a hostile spec: nothing of it moves a cursor, hides text, turns it round or becomes markup.

The `ask` fixture looks at all that is printed, on both streams, for characters that a reader cannot see.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

Ask = Callable[..., dict[str, Any]]

HEAD = "archspec: 1\nname: Net\n"

# In double quotes a spec may hold any character, written as an escape: these are what a terminal, a browser, an editor
# or a log would take for more than text.
TEXTS: dict[str, str] = {
    "clears the screen": r"\e[2J\e[H",
    "sets the title": r"\e]0;owned\a",
    "writes to the clipboard": r"\e]52;c;aWQ=\a",
    "makes a link": r"\e]8;;http://example.org\e\\click\e]8;;\e\\",
    "control sequence in one character": r"\x9b2J",
    "goes back": r"safe\b\b\b\bowned",
    "returns": r"safe\rowned",
    "breaks the line": r"safe\nerror[E0000]: owned",
    "breaks the line of Unicode": r"safe\u2028owned\u0085owned",
    "turns round": r"\u202edlrow\u202c",
    "isolates": r"\u2066owned\u2069",
    "hides": r"own\u200b\u200d\u2060\ufeffed",
    "tags": r"\U000E0041\U000E0042",
    "rings": r"\a\a\a",
    "is null": r"a\0b",
    "rich markup": "[bold red]owned[/bold red][link=http://example.org]x[/link]",
    "emoji code": ":skull:",
    "HTML": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "an entity": "&lt;b&gt; & &#27;",
    "a GitHub command": r"::error file=a,line=1::owned\n::set-output name=x::y",
    "a format": "{0.__class__} %s %(x)s $$HOME",
}

# Each takes one of the texts to another place in what is printed: messages, notes, excerpts, tables.
PLACES: dict[str, str] = {
    "doc": 'doc: "TEXT"\ninput: [N, 4]\nmodel: {a: {Linear: 4}}\n',
    "unknown key": '"TEXT": 1\ninput: [N, 4]\nmodel: {a: {Linear: 4}}\n',
    "key twice": 'input: [N, 4]\nmodel: {"TEXT": ReLU, "TEXT": ReLU}\n',
    "name": 'name: 1\ninput: [N, 4]\nmodel: {"TEXT": ReLU}\n',
    "layer": 'input: [N, 4]\nmodel: {a: "TEXT"}\n',
    "argument": 'input: [N, 4]\nmodel: {a: {Linear: {"TEXT": 1}}}\n',
    "value": 'input: [N, 4]\nmodel: {a: {Linear: "TEXT"}}\n',
    "value that is kept": 'input: [N, 4]\nmodel: {a: {Shown: {value: "TEXT"}}}\n',
    "list of values": 'input: [N, 4]\nmodel: {a: {Conv2d: {out_channels: ["TEXT", "TEXT"], kernel_size: 1}}}\n',
    "reference": 'input: [N, 4]\nmodel: {a: {Linear: 4, from: "TEXT"}}\n',
    "output": 'input: [N, 4]\nmodel: {a: {Linear: 4}}\noutput: {"TEXT": a}\n',
    "dimension": 'input: ["TEXT", 4]\nmodel: {a: {Linear: 4}}\n',
    "input": 'inputs: {"TEXT": [N, 4]}\nmodel: {a: {Linear: 4}}\n',
    "param": 'params: {p: "TEXT"}\ninput: [N, 4]\nmodel: {a: {Linear: $p}}\n',
    "choice of a param": 'params: {p: {type: str, default: x, choices: ["TEXT"]}}\ninput: [N, 4]\nmodel: [ReLU]\n',
    "preset": 'presets: {"TEXT": {}}\ninput: [N, 4]\nmodel: {a: {Linear: 4}}\n',
    "block": 'blocks: {"TEXT": {model: ReLU}}\ninput: [N, 4]\nmodel: {a: {Linear: 4}}\n',
    "file": 'use: {B: "./TEXT.yaml"}\ninput: [N, 4]\nmodel: {a: B}\n',
    "architecture": 'use: {B: "TEXT"}\ninput: [N, 4]\nmodel: {a: B}\n',
    "pattern of einops": 'input: [N, 4]\nmodel: {a: {rearrange: "n c -> TEXT"}}\n',
    "formula": 'input: [N, 4]\nmodel: {a: {compute: "input + TEXT"}}\n',
    "expression": "input: [N, 4]\nmodel: {a: {Linear: \"$('TEXT')\"}}\n",
    "name that an expression gives": "input: [N, 4]\nmodel: {\"a$('TEXT')\": {Linear: 4}}\n",
    "rule of init": 'input: [N, 4]\nmodel: {a: {Linear: 4}}\ninit: [{match: "TEXT", weight: zeros}]\n',
    "initialiser": 'input: [N, 4]\nmodel: {a: {Linear: 4}}\ninit: [{match: a, weight: "TEXT"}]\n',
    "parameter of init": 'input: [N, 4]\nmodel: {a: {Linear: 4}}\ninit: [{match: a, "TEXT": zeros}]\n',
    "tie": 'input: [N, 4]\nmodel: {a: {Linear: 4}}\ntie: {"TEXT": a.weight}\n',
    "weights": 'input: [N, 4]\nmodel: [ReLU]\nweights: {"TEXT": {W: {url: "https://TEXT", sha256: "TEXT"}}}\n',
    "transform": 'input: [N, 4]\nmodel: {a: {Linear: 4}}\ntransforms: {eval: ["TEXT"]}\n',
    "version": 'archspec: "TEXT"\n',
}


@pytest.mark.parametrize("place", PLACES)
def test_what_diagnostics_print(place: str, ask: Ask) -> None:
    """Errors and warnings show a text from a spec as text, wherever it stands, on lines of their own making."""
    for text in TEXTS.values():
        printed = ask(text=HEAD + PLACES[place].replace("TEXT", text))["printed"]
        assert [line for line in printed.split("\n") if line.startswith(("error[E0000]", "::", "owned"))] == []


def _all(texts: dict[str, str]) -> str:
    """One text with all of them in it."""
    return "".join(texts.values())


@pytest.mark.parametrize("place", ["unknown key", "value", "reference", "file", "doc"])
def test_what_check_prints(place: str, ask: Ask, tmp_path: Path) -> None:
    """`archspec check` does the same; as JSON, a reader sees every character of it too."""
    text = _all(TEXTS)[:150] if place in ("unknown key", "file") else _all(TEXTS)
    (tmp_path / "net.yaml").write_text(HEAD + PLACES[place].replace("TEXT", text), encoding="utf-8")
    assert ask(do="command", arguments=["check", "net.yaml"])["exit"] in (0, 1)
    printed = ask(do="command", arguments=["check", "net.yaml", "--format", "json"])["printed"]
    assert printed.isascii()
    assert json.loads(printed)["version"] == 1


@pytest.mark.parametrize("place", ["doc", "value that is kept", "output"])
def test_what_is_printed_of_a_good_spec(place: str, ask: Ask, tmp_path: Path) -> None:
    """`build` and `expand` show the texts of a good spec; what `expand` prints is a spec with the same texts."""
    text = _all(TEXTS)[:200] if place == "output" else _all(TEXTS)
    (tmp_path / "net.yaml").write_text(HEAD + PLACES[place].replace("TEXT", text), encoding="utf-8")
    built = ask(do="command", arguments=["build", "net.yaml"])
    assert built["exit"] == 0, built["printed"]
    expanded = ask(do="command", arguments=["expand", "net.yaml"])["printed"]
    if place != "doc":
        assert _meant(text)[1:-1] in repr(yaml.safe_load(expanded)).replace("$$", "$")


def _meant(text: str) -> str:
    """What YAML and the language make of a text in double quotes, as Python writes it."""
    return repr(yaml.safe_load(f'"{text}"').replace("$$", "$"))


def test_arguments_of_the_command_line(ask: Ask, tmp_path: Path) -> None:
    """Names and values that a script hands on are shown as text too."""
    text = yaml.safe_load(f'"{_all(TEXTS)}"').replace("\0", "").replace("/", "")[:200]
    (tmp_path / "net.yaml").write_text(f"{HEAD}input: [N, 4]\nmodel: [{{Linear: 4}}]\n", encoding="utf-8")
    for arguments in (
        ["check", text],
        ["check", f"{text[:60]}.yaml"],
        ["check", "net.yaml", "--preset", text],
        ["check", "net.yaml", "-p", f"{text}=1"],
        ["check", "net.yaml", "-p", f"p={text}"],
        ["check", "net.yaml", "--limit", f"{text}=1"],
        ["check", "net.yaml", "--input", f"{text}=1"],
        ["build", "net.yaml", "--weights", f"{text[:60]}.pth"],
        ["build", "net.yaml", "--weights", f"{text[:60]}.safetensors"],
        ["build", "net.yaml", "--device", text],
        ["build", "net.yaml", "--dtype", text],
        ["build", "net.yaml", "-o", f"{text[:60]}.xyz"],
        ["list", text],
        ["explain", text],
    ):
        assert ask(do="command", arguments=arguments)["exit"] in (1, 2)


def test_a_file_written_holds_what_the_spec_holds(ask: Ask, tmp_path: Path) -> None:
    """What `-o` writes is where it says and nowhere else, and has no character that a reader cannot see."""
    text = _all(TEXTS)
    (tmp_path / "net.yaml").write_text(HEAD + PLACES["value that is kept"].replace("TEXT", text), encoding="utf-8")
    assert ask(do="command", arguments=["build", "net.yaml", "-o", "out.yaml", "-o", "out.json"])["exit"] == 0
    for name, read in (("out.yaml", yaml.safe_load), ("out.json", json.loads)):
        written = (tmp_path / name).read_text(encoding="utf-8")
        assert [char for char in written if not char.isprintable() and char != "\n"] == []
        assert _meant(text)[1:-1] in repr(read(written)).replace("$$", "$")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["net.yaml", "out.json", "out.yaml"]
