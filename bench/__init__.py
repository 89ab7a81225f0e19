"""Benchmarks: each prints one JSON object as its last line, with the figures of a bare client of the same run beside
its own."""
