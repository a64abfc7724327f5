"""The build: lessons, figures, claims and templates in, a static site out. Imports neither torch nor transformers."""
