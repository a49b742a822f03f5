"""Programs that run in processes of their own: one side of a measurement each."""
