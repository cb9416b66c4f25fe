"""The forecast of Kopi Lestari as a service."""
