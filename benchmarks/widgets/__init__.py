"""The parts of `bench_widgets`."""
