"""Module doc."""
import abc, asyncio, enum, contextlib, dataclasses, functools, warnings, logging, collections, typing, sys, decimal
LIMITS = {"a": [1, 2], "b": (3,)}
counter = 0
def bump():
    global counter
    counter += 1
    return counter
def add(a: int, b: int = 2, *rest, scale: float = 1.0, **kw) -> int:
    """Add two numbers."""
    return a + b
class Animal(abc.ABC):
    """An animal."""
    count = 0
    registry = []
    def __init__(self, name):
        self.name = name
        self.tags = []
        Animal.count += 1
        Animal.registry.append(name)
    @abc.abstractmethod
    def sound(self): ...
    def speak(self):
        """Speak."""
        return f"{self.name} says {self.sound()}"
    @classmethod
    def make(cls, name): return cls(name)
    @staticmethod
    def kinds(): return ["dog", "cat"]
    @property
    def upper(self): return self.name.upper()
    @upper.setter
    def upper(self, v): self.name = v.lower()
    def __eq__(self, o): return isinstance(o, Animal) and o.name == self.name
    def __hash__(self): return hash(self.name)
    def __repr__(self): return f"{type(self).__name__}({self.name!r})"
    def __lt__(self, o): return self.name < o.name
class Dog(Animal):
    def sound(self): return "woof"
class Loud(Dog):
    def sound(self): return super().sound().upper() + "!"
class BankError(Exception):
    def __init__(self, need, have):
        super().__init__(f"need {need}, have {have}")
        self.need, self.have = need, have
class Sub(BankError, ValueError): pass
def withdraw(n):
    if n > 10: raise BankError(n, 10)
    if n < 0: raise Sub(n, 0)
    if n == 5:
        try: 1/0
        except ZeroDivisionError as e: raise RuntimeError("chained") from e
    return n
class Color(enum.Enum):
    RED = 1
    GREEN = 2
    def nice(self): return self.name.title()
    @property
    def low(self): return self.name.lower()
class Level(enum.IntEnum):
    A = 1
    B = 2
class Perm(enum.Flag):
    R = 1
    W = 2
def favorite(): return Color.RED
def name_of(c): return c.name
def gen(n):
    for i in range(n): yield i
def echo():
    got = None
    while True:
        try:
            got = yield got
        except ValueError as e: got = f"caught {e}"
def finite():
    yield 1
    return "done"
@contextlib.contextmanager
def ctx(log):
    log.append("in")
    try: yield "value"
    finally: log.append("out")
class Managed:
    def __init__(self): self.events = []
    def __enter__(self): self.events.append("enter"); return self
    def __exit__(self, t, v, tb): self.events.append(t.__name__ if t else "exit"); return t is KeyError
async def aadd(a, b):
    await asyncio.sleep(0)
    return a + b
async def agen(n):
    for i in range(n):
        await asyncio.sleep(0)
        yield i
class ACtx:
    async def __aenter__(self): return "in"
    async def __aexit__(self, *a): return False
@dataclasses.dataclass
class Point:
    x: int
    y: int = 0
    tags: list = dataclasses.field(default_factory=list)
@dataclasses.dataclass(frozen=True, order=True)
class Frozen:
    v: int
P = collections.namedtuple("P", "a b")
class NT(typing.NamedTuple):
    a: int
    b: str = "x"
def nt(): return P(1, 2)
def ntt(): return NT(1)
class Stack:
    def __init__(self, items=()): self._items = list(items)
    def push(self, x): self._items.append(x)
    def pop(self):
        if not self._items: raise IndexError("empty")
        return self._items.pop()
    def __len__(self): return len(self._items)
    def __iter__(self): return iter(self._items)
    def __contains__(self, x): return x in self._items
    def __getitem__(self, i): return self._items[i]
    def __setitem__(self, i, v): self._items[i] = v
    def __bool__(self): return bool(self._items)
    def __add__(self, o): return Stack(self._items + list(o))
    def __iadd__(self, o): self._items += list(o); return self
class Vec:
    def __init__(self, x, y): self.x, self.y = x, y
    def __add__(self, o): return Vec(self.x+o.x, self.y+o.y)
    def __mul__(self, k): return Vec(self.x*k, self.y*k)
    __rmul__ = __mul__
    def __neg__(self): return Vec(-self.x, -self.y)
    def __abs__(self): return (self.x**2+self.y**2)**.5
    def __eq__(self, o): return isinstance(o, Vec) and (self.x, self.y) == (o.x, o.y)
    def __float__(self): return abs(self)
    def __call__(self, k): return self.x * k
class Countdown:
    def __init__(self, n): self.n = n
    def __iter__(self): return self
    def __next__(self):
        if self.n <= 0: raise StopIteration
        self.n -= 1
        return self.n + 1
def apply(f, xs): return [f(x) for x in xs]
def same(f, g): return f is g
def give_back(x): return x
def mutate(xs): xs.append(99); xs.sort()
def mutate_nested(d): d["k"]["list"].append(1); d["new"] = 3
def timer(f):
    @functools.wraps(f)
    def wrapper(*a, **k):
        wrapper.calls += 1
        return f(*a, **k)
    wrapper.calls = 0
    return wrapper
def compose(*fs):
    def run(x):
        for f in fs: x = f(x)
        return x
    return run
def warn(): warnings.warn("old", DeprecationWarning); return 1
def say(x): print("hello", x)
def ask(): return int(input("n? ")) * 2
def logs(): logging.getLogger("stu").warning("careful")
def retry(f, times):
    for i in range(times):
        try: return f()
        except ValueError as e: last = e
    raise last
@functools.lru_cache
def fib(n): return n if n < 2 else fib(n-1) + fib(n-2)
def make_adder(n): return lambda x: x + n
class MyDict(dict):
    def first(self): return next(iter(self))
class MyList(list): pass
class MyInt(int): pass
class Meta(type):
    def __new__(m, n, b, d): c = super().__new__(m, n, b, d); c.tag = n; return c
class WithMeta(metaclass=Meta): pass
class Desc:
    def __get__(self, i, o): return 42
class UsesDesc: d = Desc()
class Slots:
    __slots__ = ("a",)
class Observer:
    def __init__(self): self.fs = []
    def on(self, f): self.fs.append(f)
    def off(self, f): self.fs.remove(f)
    def fire(self, v): return [f(v) for f in self.fs]
def exit_now(): sys.exit(3)
def div(a, b): return decimal.Decimal(a) / decimal.Decimal(b)
def recurse(n): return recurse(n+1)
def stop(): raise StopIteration("x")
def helper(): return "real"
def uses_helper(): return helper()
def kwonly(*, a, b=1): return a, b
class Node:
    def __init__(self, v, next=None): self.v, self.next = v, next
class Shape:
    def area(self): raise NotImplementedError
def total_area(shapes): return sum(s.area() for s in shapes)
def inplace(xs):
    xs[:] = [1]
    return xs
def default_arg(x, acc=[]): acc.append(x); return acc
class Temp:
    def __init__(self): self._c = 0
    @property
    def c(self): return self._c
    @c.setter
    def c(self, v):
        if v < -273: raise ValueError("too cold")
        self._c = v
class Ctr:
    total = 0
    def __init__(self): Ctr.total += 1
def typ(x): return type(x)
def is_int(x, t): return isinstance(x, t)
