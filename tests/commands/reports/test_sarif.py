"""`archspec check --format sarif`."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema
import pytest
from typer.testing import Result

import archspec
from archspec.codes import CODES
from archspec.commands.check import Checked
from archspec.commands.reports.sarif import write_sarif
from archspec.diagnostic import Diagnostic

Invoke = Callable[..., Result]
Write = Callable[..., str]

FIXTURES = Path(__file__).parents[2] / "fixtures"
SCHEMA = json.loads((FIXTURES / "sarif" / "sarif-schema-2.1.0.json").read_text(encoding="utf-8"))
GOLDENS = sorted(path.name for path in (FIXTURES / "errors").glob("*.yaml"))


def _run(text: str) -> dict[str, Any]:
    """The one run of a log that the official schema accepts."""
    log = json.loads(text)
    jsonschema.Draft4Validator(SCHEMA).validate(log)
    (run,) = log["runs"]
    assert isinstance(run, dict)
    return run


def _deleted(text: str, region: dict[str, int]) -> str:
    """What stands in a region of one line, its columns counted in code points."""
    assert region["startLine"] == region["endLine"]
    return text.split("\n")[region["startLine"] - 1][region["startColumn"] - 1 : region["endColumn"] - 1]


def test_a_good_spec_is_a_run_without_results(invoke: Invoke, spec: Write) -> None:
    """Code scanning closes its alerts when a run comes that has none."""
    result = invoke("check", "--format", "sarif", spec())
    run = _run(result.stdout)
    assert (result.exit_code, run["results"], run["tool"]["driver"]["rules"]) == (0, [], [])


def test_every_golden_error_is_valid_sarif(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the compiler finds, the log of it is one that the official schema accepts, with a rule for each code."""
    monkeypatch.chdir(FIXTURES / "errors")
    found = [Checked(file=name, preset=None, diagnostics=archspec.check(name)) for name in GOLDENS]
    run = _run(write_sarif(found))
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == sorted({result["ruleId"] for result in run["results"]})
    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in run["results"])
    assert {result["level"] for result in run["results"]} == {"error", "warning"}


@pytest.mark.parametrize("code", CODES)
def test_a_rule_says_what_explain_says(code: str) -> None:
    """Who opens an alert reads what `archspec explain` tells, with the example and the fix."""
    diagnostic = Diagnostic(code=code, message="m")
    run = _run(write_sarif([Checked(file="a.yaml", preset=None, diagnostics=(diagnostic,))]))
    (rule,) = run["tool"]["driver"]["rules"]
    assert rule["shortDescription"]["text"] == CODES[code].title
    assert CODES[code].example.strip("\n") in rule["help"]["markdown"]
    assert CODES[code].fix.strip("\n") in rule["help"]["text"]


def test_regions_count_code_points(invoke: Invoke, spec: Write, faulty: str) -> None:
    """The columns mean what the log says they mean, also behind a character that takes two UTF-16 units."""
    text = faulty.replace("kernel_size: 64", "kernel_size: 3")
    text = text.replace('{"out_channels": 8, 💥: 3}', "{💥: 1, out_channel: 8, kernel_size: 3}")
    run = _run(invoke("check", "--format", "sarif", spec(text, "wide.yaml")).stdout)
    assert run["columnKind"] == "unicodeCodePoints"
    regions = [item["locations"][0]["physicalLocation"]["region"] for item in run["results"]]
    assert [_deleted(text, region) for region in regions] == ["💥", "out_channel"]


def test_the_way_to_a_fault_is_a_related_location(invoke: Invoke, spec: Write, faulty: str) -> None:
    """A fault inside a block names the call that leads to it, and the node's path in the model."""
    text = faulty.replace("💥", "kernel_size")
    run = _run(invoke("check", "--format", "sarif", spec(text, "chain.yaml")).stdout)
    (result,) = run["results"]
    (related,) = result["relatedLocations"]
    assert _deleted(text, related["physicalLocation"]["region"]) == "Stem"
    assert result["locations"][0]["logicalLocations"] == [{"fullyQualifiedName": "0.0"}]
    assert "note: the shapes" not in result["message"]["text"]


def test_a_fix_says_what_is_deleted_and_what_is_put_in(invoke: Invoke, spec: Write) -> None:
    """An editor can apply it."""
    text = "archspec: 1\nname: A\ninput: [N, 4]\nmodel:\n  - Linear: {out_featurs: 3}\n"
    run = _run(invoke("check", "--format", "sarif", spec(text, "a.yaml")).stdout)
    (fix,) = run["results"][0]["fixes"]
    (change,) = fix["artifactChanges"]
    (replacement,) = change["replacements"]
    assert fix["description"]["text"] == "write `out_features` for `out_featurs`"
    assert change["artifactLocation"]["uri"] == "a.yaml"
    assert _deleted(text, replacement["deletedRegion"]) == "out_featurs"
    assert replacement["insertedContent"]["text"] == "out_features"


def test_a_path_is_a_relative_uri(invoke: Invoke, spec: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a URI cannot hold is percent-encoded; paths start at the checkout of a GitHub workflow, or where one is."""
    (tmp_path / "my nets").mkdir()
    name = spec("archspec: 2\n", "my nets/a:1 ü%.yaml")
    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)
    location = _run(invoke("check", "--format", "sarif", name).stdout)["artifacts"][0]["location"]
    assert location == {"uri": "my%20nets/a%3A1%20%C3%BC%25.yaml", "uriBaseId": "%SRCROOT%"}
    assert unquote(location["uri"]) == name
    monkeypatch.chdir(tmp_path / "my nets")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))
    location = _run(invoke("check", "--format", "sarif", "a:1 ü%.yaml").stdout)["artifacts"][0]["location"]
    assert unquote(location["uri"]) == name


def test_a_file_that_is_named_and_extended_is_one_artifact(invoke: Invoke, spec: Write) -> None:
    """A log says of each file once that it is one, however specs name it; what is wrong in it is one result too."""
    text = "archspec: 1\nname: A\ninput: [N, 4]\nmodel:\n  - Relu\n"
    child = spec("archspec: 1\nextends: base.yaml\n", "child.yaml")
    run = _run(invoke("check", "--format", "sarif", child, spec(text, "base.yaml")).stdout)
    assert [artifact["location"]["uri"] for artifact in run["artifacts"]] == ["base.yaml"]
    assert len(run["results"]) == 1


def test_a_file_outside_is_an_absolute_uri(
    invoke: Invoke, spec: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A relative URI never leaves its base."""
    (tmp_path / "inner").mkdir()
    spec("archspec: 2\n", "a.yaml")
    monkeypatch.chdir(tmp_path / "inner")
    location = _run(invoke("check", "--format", "sarif", "../a.yaml").stdout)["artifacts"][0]["location"]
    assert location == {"uri": (tmp_path / "a.yaml").as_uri()}


def test_standard_input_is_in_the_log(invoke: Invoke) -> None:
    """A text that lies nowhere is known by its index, and the log holds it."""
    text = "archspec: 1\nname: A\ninput: [N, 4]\nmodel:\n  - Relu\n"
    run = _run(invoke("check", "-", "--format", "sarif", stdin=text).stdout)
    assert run["artifacts"] == [{"description": {"text": "<stdin>"}, "contents": {"text": text}}]
    assert run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"] == {"index": 0}


def test_what_is_about_no_line_is_about_the_file(invoke: Invoke, spec: Write) -> None:
    """Code scanning shows nothing that has no place."""
    spec()
    (result,) = _run(invoke("check", "absent.yaml", "--format", "sarif").stdout)["results"]
    assert result["locations"] == [
        {"physicalLocation": {"artifactLocation": {"uri": "absent.yaml", "uriBaseId": "%SRCROOT%", "index": 0}}}
    ]


def test_braces_are_no_placeholders() -> None:
    """`{0}` in a spec is text; a viewer would put an argument in its place."""
    diagnostic = Diagnostic(code="E0301", message="there is no layer `{0}`, and no {a: 1}")
    run = _run(write_sarif([Checked(file="a.yaml", preset=None, diagnostics=(diagnostic,))]))
    assert run["results"][0]["message"]["text"] == "there is no layer `{{0}}`, and no {a: 1}"
