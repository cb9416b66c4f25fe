import numpy as np, pandas as pd, pytest, pathlib, datetime, math, unittest, collections
from numpy.testing import assert_allclose, assert_array_equal
import ml, pkg
from pkg import area, VERSION
from pkg.core import Thing
from pkg.sub.util import twice, data
import pkg.sub.util as u
from sklearn.base import BaseEstimator
from sklearn.linear_model import LinearRegression
from sklearn.exceptions import NotFittedError
from sklearn.metrics import mean_squared_error
@pytest.fixture
def df(): return pd.DataFrame({"a":[3.0,1.0,np.nan],"g":["x","y","x"],"h":["p","q","p"]})
def test_pkg(): assert area(2) == 12 and VERSION == "1.0" and Thing().u == 4 and twice(3) == 6 and data() == "hello\n" and u.PI == 3 and pkg.sub.util.twice(1) == 2 and pkg.__doc__ == "A package."
def test_np(): assert ml.mean([1,2,3]) == 2 and ml.mean(np.array([1,2])) == 1.5 and isinstance(ml.mean([1]), float); assert_allclose(ml.scale(np.array([1.,2.,3.])).mean(), 0, atol=1e-9); assert ml.big().shape == (100,1000) and ml.big().sum() == sum(range(100000))
def test_np_inplace():
    x = np.zeros(3); ml.inplace(x); assert_array_equal(x, np.ones(3))
    y = np.zeros((2,2)); ml.inplace(y[0]); 
def test_np_types(): assert ml.strs().tolist() == ["a","bb"] and ml.objs().tolist() == [1,"a",None] and ml.boolarr(np.array([1,3])).tolist() == [False,True] and ml.scalar() == 2.5 and isinstance(ml.scalar(), np.float64) and isinstance(ml.i8(), np.integer) and ml.complexv() == 3+4j
def test_frame(df):
    before = df.copy(); out = ml.clean(df); pd.testing.assert_frame_equal(df, before); assert list(out.columns) == ["a","g","h","z"] and len(out) == 2; pd.testing.assert_series_equal(out["z"], out["a"]*2, check_names=False)
def test_frame_inplace(df):
    ml.add_col(df); assert "new" in df and len(df) == 2; 
    ml.sort_inplace(df); assert df["a"].iloc[0] == 1.0
def test_group(df): s = ml.group(df); assert s["x"] == 3 and s.index.name == "g"; p = ml.pivot(df); assert p.loc[("y","q"),"a"] == 1
def test_model():
    X = np.arange(10.).reshape(-1,1); y = X[:,0]*2+1; m = ml.train(X,y); assert_allclose(m.predict([[20]]), [41]); assert m.coef_[0] == pytest.approx(2) and isinstance(m, LinearRegression) and hasattr(m,"coef_") and not hasattr(m, "nope_"); assert m.score(X,y) == pytest.approx(1.0); assert mean_squared_error(y, m.predict(X)) < 1e-9
    p = ml.pipe(pd.DataFrame(X, columns=["x"]), pd.Series(y)); assert p.named_steps["linearregression"].coef_.shape == (1,) and len(p.steps) == 2
def test_estimator():
    m = ml.Mean(shift=1.0); assert m.fit([[1],[2]], [1,3]) is m and m.predict([[0]])[0] == 3 and m.get_params() == {"shift":1.0} and isinstance(m, BaseEstimator)
    with pytest.raises(NotFittedError): ml.Mean().predict([[1]])
    with pytest.raises(NotFittedError): ml.unfitted()
def test_collections():
    assert ml.counter("aab") == {"a":2,"b":1} and ml.counter("aab").most_common(1) == [("a",2)] and isinstance(ml.counter("a"), collections.Counter); d = ml.dd(); assert d["a"] == [1] and d["zz"] == []; assert ml.od() == {"a":1} and list(ml.dq()) == [1,2] and ml.dq().maxlen == 5
def test_time(): assert ml.ts() == pd.Timestamp("2024-01-01", tz="Asia/Jakarta") and ml.ts().year == 2024; assert ml.na() is pd.NA; r = ml.date_range(); assert len(r) == 3 and r[0].day == 1
def test_pandas_types(): assert ml.cat().dtype == "category" and ml.multi().loc[("a",1),"v"] == 1 and ml.multi().index.names == ["x","y"] and ml.nullable().isna().sum() == 1 and list(ml.dup_cols().columns) == ["a","a"] and ml.none_frame().empty
def test_parallel(): assert ml.mp() == [1,2] and ml.jl() == [0,1,2] and ml.thr(lambda i: i*i) == [0,1,4,9]
def test_files(): assert ml.tmp() == "x" and ml.cwd_file() == [1] and str(ml.path()) == "a/b.txt" and ml.path().name == "b.txt" and ml.path().suffix == ".txt" and ml.path() == pathlib.PurePosixPath("a/b.txt")
def test_tmp_in(tmp_path):
    (tmp_path/"a.txt").write_text("hey"); assert ml.read_file(tmp_path/"a.txt") == "hey" and ml.read_file(str(tmp_path/"a.txt")) == "hey"
    pd.DataFrame({"a":[1]}).to_csv(tmp_path/"x.csv", index=False); assert ml.load_csv(tmp_path/"x.csv")["a"][0] == 1
def test_tmp_out(tmp_path): ml.write_file(tmp_path/"o.txt"); assert (tmp_path/"o.txt").read_text() == "written"
def test_missing_file():
    with pytest.raises(FileNotFoundError): ml.read_file("/nope/x")
def test_rng(): assert_allclose(ml.gen_rng(3), np.random.default_rng(3).normal(size=3))
def test_nested(): n = ml.nested(); assert_array_equal(n["a"][0], [1,2]); assert n["a"][1]["b"][0] == 1.5 and n[("t",1)] == {1,2}
def test_apply(df): assert ml.apply_frame(df, lambda v: v*2)[0] == 6
def test_float(): assert math.isnan(ml.nan()) and ml.inf_list()[0] == math.inf and math.copysign(1, ml.inf_list()[1]) == -1
def test_sort(): assert ml.lam_sort(["b","A"], str.lower) == ["A","b"] and ml.lam_sort([3,1], lambda x: -x) == [3,1] and ml.func_dict()["f"](1) == 2
def test_err():
    with pytest.raises(TypeError, match="int please"): ml.type_err("x")
def test_list_models(): ms = ml.tuple_of_models(); assert [m.shift for m in ms] == [1,2] and isinstance(ms[0], ml.Mean)
def test_text(): assert len(ml.big_text()) == 200000
class TestCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls): cls.model = ml.Mean().fit([[1]],[5])
    def test_a(self): self.assertAlmostEqual(self.model.predict([[1]])[0], 5)
    def test_b(self): np.testing.assert_array_equal(self.model.predict([[1],[2]]), [5,5])
