"""What a station, the mock CSMS and a decision cost: `python -m benchmarks`."""
