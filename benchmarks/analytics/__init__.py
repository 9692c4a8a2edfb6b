"""The same two questions about the same events, asked in four ways: `benchmarks/bench_analytics.py` races them."""
