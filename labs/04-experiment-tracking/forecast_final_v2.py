"""The forecast as it was made until now. Run it twice, and read it: what is wrong with it?"""

import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestRegressor
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

sales = pd.read_csv("data/sales.csv", parse_dates=["date"])
sales["weekday"] = sales["date"].dt.dayofweek
features = sales[["outlet", "channel", "weekday", "price", "promo", "weather", "footfall"]]

x_train, x_test, y_train, y_test = train_test_split(features, sales["units"], test_size=0.2)
columns = make_column_transformer(
    (OneHotEncoder(), ["outlet", "channel", "weather"]), remainder="passthrough"
)
best = 1.0
for depth in (4, 7, 10, None):
    model = make_pipeline(columns, RandomForestRegressor(20, max_depth=depth)).fit(x_train, y_train)
    error = (model.predict(x_test) - y_test).abs().sum() / y_test.sum()
    best = min(best, error)
print(f"error {best:.1%}  (copy this into results.txt)")
