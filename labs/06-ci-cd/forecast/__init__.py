"""The forecasting service of Kopi Lestari, small enough for a lab about its pipeline."""
