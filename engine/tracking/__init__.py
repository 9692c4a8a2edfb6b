"""Tracking plans: what a project expects its events to look like, and what became of those that do not.

A plan is a JSON document that people write: a JSON Schema for each event. `documents` reads one or says all that is
wrong with it, `plans` judges events by it, `declared` makes one from rules. Nothing here knows a database.
"""

from engine.tracking.declared import plan_from
from engine.tracking.documents import PlanFault, PlanRefused, read_plan
from engine.tracking.plans import Mode, Observed, TrackingPlan, Violation

__all__ = [
    "Mode",
    "Observed",
    "PlanFault",
    "PlanRefused",
    "TrackingPlan",
    "Violation",
    "plan_from",
    "read_plan",
]
