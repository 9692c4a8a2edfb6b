"""Postbird, the demo product: its pages, its rules, and a simulated history of its customers."""
