"""Builds and serves the static site: pages, templates and assets lie in `site/`, which is no package.

Nothing is written twice: exercise pages come from the exercise folders, reference pages from the code.
"""
