"""The suites are data here: they run in a folder of their own, both ways."""

collect_ignore_glob = ["suites/*"]
