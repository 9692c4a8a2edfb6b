"""What may be published, and is hardly meant: warnings about the meaning of whole rules.

Soundly: what is called impossible is impossible, whatever the user did. Says nothing about what it cannot decide.
"""

from dsl.analysis.warnings import analyse

__all__ = ["analyse"]
