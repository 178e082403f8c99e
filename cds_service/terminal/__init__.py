"""What commands print: tables and panels for a person at a terminal."""
