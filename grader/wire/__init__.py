"""What both boxes speak: frames with a size, and values as plain data. The only shared code."""
