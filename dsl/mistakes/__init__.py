"""Typical slips, each recognised where the parser is stuck and answered with what to write instead."""

from dsl.mistakes.trouble import WORD, Mistake, Recogniser, Trouble, Word

__all__ = ["WORD", "Mistake", "Recogniser", "Trouble", "Word"]
