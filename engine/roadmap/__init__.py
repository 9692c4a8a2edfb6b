"""From where users leave to what is done about it: opportunities, themes, items, the quarterly review.

`planner.Planner` is the door. What is computed (opportunities, outcomes, the review) is a pure function of evidence
that `engine.storage.roadmap_evidence` reads; what people decide is stored with a revision (`engine.storage.roadmap`).
"""
