"""The pure core: findings -> classification -> verdicts -> therapies -> MDT and prognosis -> Assessment.

Nothing here knows HTTP, a clock, a file or a clinical number. Every number is a parameter of ``knowledge``.
"""
