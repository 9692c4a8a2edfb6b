"""`python -m dsl.reference > docs/reference/language.md`."""

import sys

from dsl.reference.page import reference_page

if __name__ == "__main__":
    sys.stdout.write(reference_page())
