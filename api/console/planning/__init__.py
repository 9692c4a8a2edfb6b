"""What the pages of the plan share, and the parts of the roadmap's page."""
