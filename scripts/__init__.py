"""Programs that write parts of the course before the site is built; each runs on its own, too."""
