"""Benchmarks: each module measures one kind of work against the yardsticks it names."""
