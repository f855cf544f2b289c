"""CalDAV: methods, resources, properties, reports."""
