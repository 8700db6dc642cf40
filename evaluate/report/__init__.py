"""The report of one run, or of several side by side: HTML that needs nothing else, and its tables as Parquet."""

from gridbid.evaluate.report.page import write_pages, write_report

__all__ = ["write_pages", "write_report"]
