"""The benchmark of the service runs, and leaves databases in which every state is what the log says (it verifies)."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.service import batches, clients, decisions


def test_batches_are_measured_beside_their_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "ROUNDS", 3)
    report = batches.report(tmp_path)
    assert len(report.aims) == 2
    assert all(aim.ratio > 0 for aim in report.aims)


def test_decisions_are_measured_beside_one_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decisions, "ROUNDS", 1)
    monkeypatch.setattr(decisions, "CALLS", 2)
    assert len(decisions.report(tmp_path).aims) == 2


def test_many_clients_are_measured_in_groups_and_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "ROUNDS", 1)
    monkeypatch.setattr(clients, "SECONDS", 0.3)
    monkeypatch.setattr(clients, "CLIENTS", 8)
    (aim,) = clients.report(tmp_path).aims
    assert aim.ratio > 0
