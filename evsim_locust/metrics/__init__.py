"""What is counted and timed: mergeable histograms and counters, and their Prometheus face."""
