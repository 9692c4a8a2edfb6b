"""The parts of `bench_service` and of the soak."""
