import asyncio, copy, dataclasses, decimal, enum, inspect, io, contextlib, unittest, types, collections.abc, math, warnings
from unittest import mock
import pytest
import stu
from stu import *
from stu import Animal, Dog, Loud, BankError, Sub, Color, Level, Point, Frozen, Stack, Vec, counter

def test_doc(): assert stu.__doc__ == "Module doc." and add.__doc__ == "Add two numbers." and Animal.__doc__ == "An animal." and Animal.speak.__doc__ == "Speak."
def test_names(): assert add.__name__ == "add" and Dog.__name__ == "Dog" and stu.__name__ == "stu" and add.__module__ == "stu" and Animal.speak.__qualname__ == "Animal.speak"
def test_signature():
    s = inspect.signature(add); assert list(s.parameters) == ["a","b","rest","scale","kw"] and s.parameters["b"].default == 2 and s.return_annotation is int and s.parameters["a"].annotation is int
    assert list(inspect.signature(Point).parameters) == ["x","y","tags"]
    assert list(inspect.signature(Dog("x").speak).parameters) == []
def test_annotations(): assert add.__annotations__["a"] is int
def test_isfunction(): assert inspect.isfunction(add) and callable(add) and inspect.isclass(Dog) and inspect.isgeneratorfunction(gen) and inspect.iscoroutinefunction(aadd) and inspect.ismethod(Dog("x").speak)
def test_constants(): assert LIMITS == {"a":[1,2],"b":(3,)} and isinstance(LIMITS, dict)
def test_global_state():
    before = stu.counter; assert bump() == before+1; assert stu.counter == before+1
def test_classes():
    d = Dog("rex"); assert isinstance(d, Animal) and issubclass(Dog, Animal) and type(d) is Dog and not isinstance(d, Loud)
    assert d.speak() == "rex says woof" and Loud("a").speak() == "a says WOOF!"
    assert Dog.__mro__[1] is Animal and Dog.__bases__ == (Animal,)
def test_abstract():
    with pytest.raises(TypeError): Animal("x")
    assert inspect.isabstract(Animal) or Animal.__abstractmethods__ == {"sound"}
def test_classattr():
    n = Animal.count; Dog("q"); assert Animal.count == n+1; Animal.count = 0; Dog("z"); assert Animal.count == 1 and Dog.count == 1
    assert "z" in Animal.registry
def test_classmethods(): assert Dog.make("k").name == "k" and Dog.kinds() == ["dog","cat"] and isinstance(Dog.make("k"), Dog)
def test_property():
    d = Dog("rex"); assert d.upper == "REX"; d.upper = "BOB"; assert d.name == "bob"
    assert isinstance(Animal.__dict__["upper"], property) and isinstance(inspect.getattr_static(Animal,"upper"), property)
    with pytest.raises(AttributeError): Temp().d
    t = Temp()
    with pytest.raises(ValueError, match="cold"): t.c = -300
def test_attr_set():
    d = Dog("rex"); d.age = 3; assert d.age == 3 and hasattr(d,"age") and vars(d)["age"] == 3; del d.age; assert not hasattr(d,"age") and getattr(d,"age",None) is None
def test_mutable_attr():
    d = Dog("rex"); d.tags.append("x"); assert d.tags == ["x"]; d.tags += ["y"]; assert d.tags == ["x","y"] and d.tags is d.tags
def test_eq_hash(): assert Dog("a") == Dog("a") and Dog("a") != Dog("b") and len({Dog("a"), Dog("a")}) == 1 and Dog("a") in [Dog("a")] and sorted([Dog("b"),Dog("a")])[0].name == "a" and min([Dog("b"),Dog("a")]) == Dog("a")
def test_repr(): assert repr(Dog("a")) == "Dog('a')" and str(Dog("a")) == "Dog('a')" and f"{Dog('a')}" == "Dog('a')"
def test_exceptions():
    with pytest.raises(BankError) as e: withdraw(20)
    assert e.value.need == 20 and str(e.value) == "need 20, have 10" and e.type is BankError and isinstance(e.value, Exception) and e.value.args == ("need 20, have 10",)
    with pytest.raises(ValueError): withdraw(-1)
    with pytest.raises(BankError): withdraw(-1)
    with pytest.raises(RuntimeError, match="chained") as e: withdraw(5)
    assert isinstance(e.value.__cause__, ZeroDivisionError)
    assert issubclass(Sub, ValueError) and issubclass(BankError, Exception)
def test_raise_student_exc():
    with pytest.raises(BankError, match="need 1"): raise BankError(1, 2)
    def f(): raise BankError(1,2)
    with pytest.raises(BankError): apply(lambda x: f(), [1])
def test_builtin_excs():
    with pytest.raises(IndexError): Stack().pop()
    with pytest.raises(TypeError): add()
    with pytest.raises(RecursionError): recurse(0)
    with pytest.raises(decimal.DivisionByZero): div(1, 0)
    with pytest.raises(SystemExit) as e: exit_now()
    assert e.value.code == 3
    with pytest.raises(dataclasses.FrozenInstanceError): Frozen(1).v = 2
    with pytest.raises(KeyError) as e: stu.LIMITS["zz"]
def test_enum():
    assert favorite() is Color.RED and favorite() == Color.RED and Color(1) is Color.RED and Color["GREEN"].value == 2 and list(Color) == [Color.RED, Color.GREEN] and len(Color) == 2
    assert name_of(Color.GREEN) == "GREEN" and Color.RED.nice() == "Red" and Color.RED.low == "red" and isinstance(Color.RED, Color) and Color.RED in Color and issubclass(Color, enum.Enum)
    assert Level.A < Level.B and Level.A == 1 and Level.B + 1 == 3 and {Color.RED: 1}[favorite()] == 1
    assert (Perm.R | Perm.W).value == 3 and Perm.R in (Perm.R | Perm.W)
    with pytest.raises(ValueError): Color(7)
    with pytest.raises(KeyError): Color["NOPE"]
def test_gen():
    g = gen(3); assert inspect.isgenerator(g) and next(g) == 0 and list(g) == [1,2] and isinstance(gen(1), types.GeneratorType) and isinstance(gen(1), collections.abc.Iterator)
    with pytest.raises(StopIteration): next(g)
    e = echo(); next(e); assert e.send(5) == 5 and e.throw(ValueError("q")) == "caught q"; e.close()
    f = finite(); next(f)
    with pytest.raises(StopIteration) as s: next(f)
    assert s.value.value == "done"
    assert sum(gen(4)) == 6 and dict(zip("ab", gen(2))) == {"a":0,"b":1}
def test_ctx():
    log = []
    with ctx(log) as v: assert v == "value" and log == ["in"]
    assert log == ["in","out"]
    m = Managed()
    with m as mm: assert mm is m
    assert m.events == ["enter","exit"]
    with Managed() as m: raise KeyError("x")
    assert m.events[-1] == "KeyError"
    with pytest.raises(ValueError):
        with Managed(): raise ValueError
def test_ctx_reraise():
    log = []
    with pytest.raises(ZeroDivisionError):
        with ctx(log): 1/0
    assert log == ["in", "out"]
def test_async():
    assert asyncio.run(aadd(1,2)) == 3
    async def main():
        out = [x async for x in agen(3)]
        async with ACtx() as v: pass
        r = await asyncio.gather(aadd(1,1), aadd(2,2))
        return out, v, r
    assert asyncio.run(main()) == ([0,1,2], "in", [2,4])
    assert inspect.iscoroutine(c := aadd(1,2)); c.close()
def test_dataclass():
    p = Point(1,2); assert p == Point(1,2) and p != Point(1,3) and dataclasses.is_dataclass(Point) and dataclasses.is_dataclass(p) and dataclasses.asdict(p) == {"x":1,"y":2,"tags":[]} and [f.name for f in dataclasses.fields(Point)] == ["x","y","tags"]
    assert repr(p).startswith("Point(x=1") and dataclasses.replace(p, x=5).x == 5 and Frozen(1) < Frozen(2) and hash(Frozen(1)) == hash(Frozen(1))
    p.tags.append(1); assert p.tags == [1]
def test_namedtuple():
    t = nt(); assert t.a == 1 and t == (1,2) and t._fields == ("a","b") and isinstance(t, tuple) and isinstance(t, stu.P); a, b = t
    assert isinstance(ntt(), stu.NT) and stu.NT(1).b == "x" and stu.P(1,2) == nt() and t._asdict() == {"a":1,"b":2}
def test_container():
    s = Stack([1,2]); assert len(s) == 2 and list(s) == [1,2] and 2 in s and 5 not in s and s[0] == 1 and s[-1] == 2 and bool(s) and not Stack()
    s[0] = 9; assert s[0] == 9; s.push(3); assert s.pop() == 3; assert list(s + [7]) == [9,2,7]; s += [8]; assert list(s)[-1] == 8 and isinstance(s, Stack)
    with pytest.raises(IndexError): s[10]
    assert isinstance(s, collections.abc.Iterable) and isinstance(s, collections.abc.Sized) and not isinstance(Vec(1,2), collections.abc.Iterable)
    assert [x*2 for x in s] and max(s) == 9 and sorted(s)
def test_operators():
    v = Vec(1,2)+Vec(2,2); assert v == Vec(3,4) and abs(v) == 5 and (v*2).x == 6 and (2*v).y == 8 and (-v).x == -3 and float(v) == 5.0 and v(10) == 30 and v != 3 and not (v == 3)
    with pytest.raises(TypeError): v - v
    with pytest.raises(TypeError): v < v
    assert math.isclose(float(v), 5) and callable(v)
def test_iterator():
    c = Countdown(3); assert list(c) == [3,2,1] and iter(c) is c
    with pytest.raises(StopIteration): next(c)
def test_callbacks():
    seen = []
    assert apply(lambda x: seen.append(x) or x*2, [1,2]) == [2,4] and seen == [1,2] and same(len, len) and apply(str.upper, ["a"]) == ["A"]
    def f(x): return x
    assert same(f, f) and not same(f, lambda x: x) and give_back(f) is f and apply(math.sqrt, [4]) == [2.0]
    def boom(x): raise ValueError("cb")
    with pytest.raises(ValueError, match="cb"): apply(boom, [1])
    n = []
    def flaky():
        n.append(1)
        if len(n) < 3: raise ValueError
        return "ok"
    assert retry(flaky, 5) == "ok" and len(n) == 3
    assert apply(add_one, [1]) == [2]
def add_one(x): return x + 1
def test_wraps():
    @timer
    def f(x):
        "doc f"
        return x
    assert f(1) == 1 and f(2) == 2 and f.calls == 2 and f.__name__ == "f" and f.__doc__ == "doc f"
def test_compose(): assert compose(lambda x: x+1, str)(1) == "2" and make_adder(3)(4) == 7 and compose(make_adder(1), make_adder(2))(0) == 3
def test_observer():
    o = Observer(); got = []
    o.on(got.append); o.fire(3); assert got == [3]
    m = mock.Mock(return_value=7); o.on(m); assert o.fire(1)[-1] == 7; m.assert_called_once_with(1); o.off(m); assert len(o.fire(2)) == 1
def test_mutation():
    xs = [3,1]; mutate(xs); assert xs == [1,3,99]
    d = {"k":{"list":[]}}; mutate_nested(d); assert d == {"k":{"list":[1]},"new":3}
    ys = [2,3]; assert inplace(ys) is ys and ys == [1]
    assert give_back(xs) is xs and give_back((xs,))[0] is xs
def test_no_mutation():
    xs = [3,1]; ys = list(xs); apply(str, xs); assert xs == ys
def test_default_arg(): a = default_arg(1); b = default_arg(2); assert a is b and a == [1,2]
def test_warn():
    with pytest.warns(DeprecationWarning, match="old"): assert warn() == 1
    with warnings.catch_warnings(record=True) as w: warnings.simplefilter("always"); warn()
    assert len(w) == 1
def test_capsys(capsys): say(3); assert capsys.readouterr().out == "hello 3\n"
def test_redirect():
    b = io.StringIO()
    with contextlib.redirect_stdout(b): say(1)
    assert b.getvalue() == "hello 1\n"
@mock.patch("sys.stdout", new_callable=io.StringIO)
def test_patch_stdout(out): say(2); assert out.getvalue() == "hello 2\n"
def test_input(monkeypatch):
    monkeypatch.setattr("builtins.input", lambda p="": "21"); assert ask() == 42
    with mock.patch("builtins.input", side_effect=["1"]) as m: assert ask() == 2; m.assert_called_once_with("n? ")
def test_stdin(monkeypatch): monkeypatch.setattr("sys.stdin", io.StringIO("4\n")); assert ask() == 8
def test_patch_module(monkeypatch):
    with mock.patch("stu.helper", return_value="fake") as m: assert uses_helper() == "fake"; m.assert_called_once()
    assert uses_helper() == "real"
    monkeypatch.setattr(stu, "helper", lambda: "mp"); assert uses_helper() == "mp"; monkeypatch.undo(); assert uses_helper() == "real"
def test_patch_object():
    with mock.patch.object(Dog, "sound", return_value="moo"): assert Dog("a").speak() == "a says moo"
    assert Dog("a").speak() == "a says woof"
    with mock.patch.object(Dog, "sound", lambda self: self.name): assert Dog("a").speak() == "a says a"
def test_lru(): assert fib(20) == 6765 and fib.cache_info().hits >= 0; fib.cache_clear()
def test_subclass_builtin():
    d = MyDict(a=1); assert d == {"a":1} and d["a"] == 1 and isinstance(d, dict) and d.first() == "a" and len(d) == 1 and list(d.items()) == [("a",1)]
    d["b"] = 2; assert d["b"] == 2; assert MyList([1,2]) == [1,2] and isinstance(MyList(), list) and MyInt(3) + 1 == 4 and MyInt(3) == 3
def test_local_subclass():
    class Cow(Animal):
        def sound(self): return "moo " + self.name
    c = Cow("bess"); assert c.speak() == "bess says moo bess" and isinstance(c, Animal) and isinstance(c, Cow)
    class Calf(Dog):
        def __init__(self, name): super().__init__(name); self.small = True
        def sound(self): return super().sound() + "?"
    k = Calf("x"); assert k.small and k.speak() == "x says woof?" and k.name == "x"
    class Bad(Animal): pass
    with pytest.raises(TypeError): Bad("x")
def test_local_duck():
    class Sq:
        def area(self): return 4
    assert total_area([Sq(), Sq()]) == 8
    class S2(stu.Shape):
        def area(self): return 3
    assert total_area([S2()]) == 3
    with pytest.raises(NotImplementedError): stu.Shape().area()
def test_meta(): assert WithMeta.tag == "WithMeta" and UsesDesc().d == 42
def test_slots():
    s = Slots(); s.a = 1; assert s.a == 1
    with pytest.raises(AttributeError): s.b = 1
def test_linked():
    n = Node(1, Node(2)); assert n.next.v == 2 and n.next.next is None and n.next is n.next
    n.next = Node(5); assert n.next.v == 5
def test_kwonly():
    assert kwonly(a=1) == (1,1)
    with pytest.raises(TypeError): kwonly(1)
def test_copy():
    p = Point(1,2,[1]); q = copy.copy(p); r = copy.deepcopy(p); assert q == p and q is not p and r.tags == [1]; r.tags.append(2); assert p.tags == [1] and q.tags is p.tags
def test_ctr(): n = Ctr.total; Ctr(); Ctr(); assert Ctr.total == n + 2
def test_typ(): assert typ(3) is int and typ("x") is str and is_int(3, int) and is_int(Dog("a"), Dog) and typ(Dog("a")) is Dog and is_int(3, (int, str))
def test_stop():
    with pytest.raises((StopIteration, RuntimeError)): stop()
def test_dir(): assert "add" in dir(stu) and "speak" in dir(Dog) and "speak" in dir(Dog("x")) and hasattr(stu, "add") and not hasattr(stu, "nope")
def test_getmembers(): assert "speak" in dict(inspect.getmembers(Animal, inspect.isfunction)); assert [n for n, o in inspect.getmembers(stu, inspect.isclass) if n == "Dog"]
def test_unbound(): assert Animal.speak(Dog("u")) == "u says woof" and list(map(Dog.sound, [Dog("a")])) == ["woof"] and callable(Dog.speak)
def test_logs(caplog):
    logs(); assert "careful" in caplog.text
class TestU(unittest.TestCase):
    def setUp(self): self.s = Stack([1])
    def test_pop(self): self.assertEqual(self.s.pop(), 1); self.assertRaises(IndexError, self.s.pop); self.assertFalse(self.s); self.assertIsInstance(self.s, Stack)
    def test_raises_msg(self):
        with self.assertRaises(BankError) as err: withdraw(11)
        self.assertEqual(type(err.exception), BankError); self.assertEqual(err.exception.args[0], "need 11, have 10")
    def test_eq(self): self.assertEqual(Dog("a"), Dog("a")); self.assertNotEqual(Dog("a"), Dog("b")); self.assertCountEqual(LIMITS["a"], [2,1]); self.assertIn("a", LIMITS); self.assertDictEqual(stu.LIMITS, LIMITS)
    def test_regex(self):
        with self.assertRaisesRegex(ValueError, "need"): withdraw(-1)
    def test_warns(self):
        with self.assertWarns(DeprecationWarning): warn()
    def test_subtests(self):
        for i in range(3):
            with self.subTest(i=i): self.assertEqual(add(i, 1), i+1)
    def test_mock(self):
        m = mock.MagicMock(); m.area.return_value = 5; self.assertEqual(total_area([m]), 5); m.area.assert_called_once()
class TestIso(unittest.IsolatedAsyncioTestCase):
    async def test_await(self): self.assertEqual(await aadd(2,3), 5)
@pytest.mark.parametrize("a,b", [(1,2),(3,4)])
def test_param(a, b): assert add(a, b) == a + b
@pytest.mark.parametrize("f", [add, lambda a, b: a+b])
def test_param_fn(f): assert f(1, 2) == 3
@pytest.fixture(scope="module")
def shared_stack(): return Stack()
def test_fix1(shared_stack): shared_stack.push(1); assert len(shared_stack) == 1
def test_fix2(shared_stack): assert len(shared_stack) == 1
