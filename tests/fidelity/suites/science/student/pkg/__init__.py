"""A package."""
from .core import area
from . import sub
VERSION = "1.0"
