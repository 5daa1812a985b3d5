"""A policy as text that other programs read: Mermaid, Graphviz and SCXML."""
