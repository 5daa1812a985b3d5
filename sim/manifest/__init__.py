"""A report's manifest: read strictly, and held against what is here now. Nothing here runs a command."""
