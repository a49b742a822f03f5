"""One function for each plot: from a shaped struct to a figure."""
