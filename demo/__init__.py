"""The Gradio demo: `python -m demo`. It draws widgets and calls `garmentgen.Designer`; no model code lives here."""
