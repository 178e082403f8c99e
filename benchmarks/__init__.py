"""The measurements of this project. Run them with ``make bench``; tests never time anything."""
