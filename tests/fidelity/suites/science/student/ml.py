import numpy as np, pandas as pd, multiprocessing, threading, os, pathlib, json, subprocess, sys, tempfile
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.exceptions import NotFittedError
from collections import Counter, defaultdict, deque, OrderedDict
from dataclasses import dataclass
def mean(x): return np.mean(x)
def scale(x): return (x - x.mean()) / x.std()
def inplace(x): x += 1
def clean(df):
    out = df.dropna().copy(); out["z"] = out["a"] * 2; return out
def add_col(df): df["new"] = 1; df.drop(index=df.index[:1], inplace=True)
def sort_inplace(df): df.sort_values("a", inplace=True, ignore_index=True)
def group(df): return df.groupby("g")["a"].sum()
def pivot(df): return df.pivot_table(index=["g","h"], values="a", aggfunc="sum")
def train(X, y): return LinearRegression().fit(X, y)
def pipe(X, y): return make_pipeline(StandardScaler(), LinearRegression()).fit(X, y)
class Mean(BaseEstimator, RegressorMixin):
    def __init__(self, shift=0.0): self.shift = shift
    def fit(self, X, y): self.mean_ = float(np.mean(y)); return self
    def predict(self, X):
        if not hasattr(self, "mean_"): raise NotFittedError("not fitted")
        return np.full(len(X), self.mean_ + self.shift)
def unfitted(): return LinearRegression().predict([[1]])
def counter(s): return Counter(s)
def dd():
    d = defaultdict(list); d["a"].append(1); return d
def od(): return OrderedDict(a=1)
def dq(): return deque([1,2], maxlen=5)
def ts(): return pd.Timestamp("2024-01-01", tz="Asia/Jakarta")
def na(): return pd.NA
def cat(): return pd.Series(["a","b","a"], dtype="category")
def multi(): return pd.DataFrame({"v":[1,2]}, index=pd.MultiIndex.from_tuples([("a",1),("b",2)], names=["x","y"]))
def big(): return np.arange(100000).reshape(100, 1000)
def strs(): return np.array(["a","bb"])
def objs(): return np.array([1,"a",None], dtype=object)
def boolarr(x): return x > 2
def scalar(): return np.float64(2.5)
def i8(): return np.int8(3)
def complexv(): return 3+4j
def mp(): 
    with multiprocessing.Pool(2) as p: return p.map(abs, [-1,-2])
def thr(f):
    out=[]; ts=[threading.Thread(target=lambda i=i: out.append(f(i))) for i in range(4)]
    [t.start() for t in ts]; [t.join() for t in ts]; return sorted(out)
def jl():
    from joblib import Parallel, delayed
    return Parallel(n_jobs=2)(delayed(abs)(-i) for i in range(3))
def tmp():
    with tempfile.NamedTemporaryFile("w", delete=False) as f: f.write("x")
    return pathlib.Path(f.name).read_text()
def cwd_file():
    pathlib.Path("out.json").write_text(json.dumps([1])); return json.loads(open("out.json").read())
def path(): return pathlib.Path("a/b.txt")
def read_file(p): return pathlib.Path(p).read_text()
def write_file(p): pathlib.Path(p).write_text("written")
def load_csv(p): return pd.read_csv(p)
def date_range(): return pd.date_range("2024-01-01", periods=3, freq="D")
def gen_rng(seed): return np.random.default_rng(seed).normal(size=3)
def use_rng(rng): return rng.normal()
def nested(): return {"a": [np.array([1,2]), {"b": pd.Series([1.5])}], ("t", 1): {1,2}}
def none_frame(): return pd.DataFrame()
def apply_frame(df, f): return df["a"].apply(f)
def nan(): return float("nan")
def inf_list(): return [float("inf"), -0.0]
def dup_cols(): return pd.DataFrame([[1,2]], columns=["a","a"])
def nullable(): return pd.Series([1,None], dtype="Int64")
def lam_sort(xs, key): return sorted(xs, key=key)
def func_dict(): return {"f": lambda x: x+1}
def type_err(x: int): 
    if not isinstance(x, int): raise TypeError("int please")
def big_text(): return "x" * 200000
def tuple_of_models(): return [Mean(1), Mean(2)]
