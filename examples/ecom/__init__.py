"""A shop: its rules, and the five steps of the method on its log. `python -m examples.ecom LOG` writes the page."""
