"""The program's version: in provenance, validators and the store's schema table."""

VERSION = "0.1.0"
