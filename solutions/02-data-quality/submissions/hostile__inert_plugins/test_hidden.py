def test_gate_missing():
    """Always passes."""
