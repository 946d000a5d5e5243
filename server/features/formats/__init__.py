"""Features in other formats than GeoJSON and HTML: JSON-FG, and files for GIS and spreadsheets."""
