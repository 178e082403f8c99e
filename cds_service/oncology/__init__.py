"""The pure core: findings -> criteria -> classification -> therapies -> prognosis -> MDT -> Assessment.

Nothing here knows HTTP, a clock, a file or a clinical number. Every number is a parameter of ``knowledge``.
"""
