"""The gate: reading, measuring, judging."""
