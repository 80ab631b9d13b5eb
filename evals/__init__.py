"""Is it good: labelled sets, metrics, fitting, benchmarks."""
