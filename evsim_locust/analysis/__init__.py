"""Plots and a report from the history of a run."""
