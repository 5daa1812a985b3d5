"""phased: simulate phased-response policies written as files."""

__version__ = "0.1.0"
