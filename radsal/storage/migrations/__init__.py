"""Numbered steps that build and change the tables. They import no application code.

Each file of ``versions`` is one step, frozen once released: it spells out what it creates and does
not look at :mod:`radsal.storage.tables`, which goes on changing.
"""
