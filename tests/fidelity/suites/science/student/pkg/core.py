from . import sub
def area(r): return sub.util.PI * r * r
class Thing:
    def __init__(self): self.u = sub.util.twice(2)
