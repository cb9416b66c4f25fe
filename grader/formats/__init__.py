"""Ways out: one module per format, pure where possible: table in, bytes out."""
