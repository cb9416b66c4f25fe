import pathlib
PI = 3
def twice(x): return 2*x
def data(): return (pathlib.Path(__file__).parent / "d.txt").read_text()
