"""Rules of addresses are made quickly, and build the addresses that they always built."""

from __future__ import annotations

import pytest
from werkzeug.routing import Map, Rule

from api.app import build_app
from api.routing import RowNumber, SeldomBuilt

BUILT = [
    ("/healthz", {}, "/healthz"),
    ("/healthz", {"verbose": "1"}, "/healthz?verbose=1"),
    ("/api/v1/users/<user>", {"user": "ada lovelace ü"}, "/api/v1/users/ada%20lovelace%20%C3%BC"),
    ("/api/v1/rules/<int:version>", {"version": 3, "format": "csv"}, "/api/v1/rules/3?format=csv"),
    ("/docs/<path:page>", {"page": "how-to/holdout"}, "/docs/how-to/holdout"),
]


@pytest.mark.parametrize("kind", [Rule, SeldomBuilt])
@pytest.mark.parametrize(("rule", "values", "address"), BUILT)
def test_an_address_is_built_as_ever(kind: type[Rule], rule: str, values: dict[str, object], address: str) -> None:
    addresses = Map([kind(rule, endpoint="it")], converters={"int": RowNumber}).bind("example.com")
    for _ in range(2):
        assert addresses.build("it", values) == address


def test_no_address_is_compiled_for_building_before_one_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []
    kept = Rule._compile_builder

    def counted(rule: Rule, append_unknown: bool = True) -> object:
        compiled.append(rule.rule)
        return kept(rule, append_unknown)

    monkeypatch.setattr(Rule, "_compile_builder", counted)
    app = build_app()
    assert compiled == []
    with app.test_request_context():
        assert app.url_for("operations.health") == "/healthz"
    assert compiled == ["/healthz"]
