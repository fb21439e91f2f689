"""The report of a fit: `report.html`, one file that needs nothing beside it."""

from .page import make_page as make_page
