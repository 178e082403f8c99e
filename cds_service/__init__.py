"""CDS Hooks service for colorectal-cancer lung metastases."""

__version__ = "0.1.0"
