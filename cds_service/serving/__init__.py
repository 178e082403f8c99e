"""HTTP: reading bodies, writing answers and errors, browsers' preflights, the WSGI server."""
