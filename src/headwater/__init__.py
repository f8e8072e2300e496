"""Headwater: self-hosted email marketing for people who sell online."""

__version__ = "0.1.0"
