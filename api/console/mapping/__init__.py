"""The parts of the map's page: what its table shows, what its forms begin with, the roadmap below it."""
