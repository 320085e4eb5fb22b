"""Rejected tracers: whole files, or what each changes in the solution; and the page that lists them."""
