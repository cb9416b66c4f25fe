"""Runs inside the checker box: pytest, the lab's tests, remote imports. Student code never."""
