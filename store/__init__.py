"""The database behind one narrow interface: PostGIS, and the embedded SQLite."""
