"""The local server: the lesson page with the engine behind its sliders, and the live exercise."""
