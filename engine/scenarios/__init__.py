"""Scenario tests: stories in YAML that product managers write, run against rules.

`open_file` and `read_scenarios` read a file, `run` runs a scenario, `report` says what came of it.
"""

from engine.scenarios.model import Scenario, ScenarioFile
from engine.scenarios.reading import OpenedFile, open_file, read_scenarios
from engine.scenarios.report import failure_text, step_words
from engine.scenarios.runner import ScenarioResult, StepResult, run

SUFFIX = ".scenario.yaml"
"""How the names of scenario files end."""

__all__ = [
    "SUFFIX",
    "OpenedFile",
    "Scenario",
    "ScenarioFile",
    "ScenarioResult",
    "StepResult",
    "failure_text",
    "open_file",
    "read_scenarios",
    "run",
    "step_words",
]
