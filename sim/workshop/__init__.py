"""The lesson page: one HTML file with results that the engine made on a grid of settings, and a form to write a rule."""
