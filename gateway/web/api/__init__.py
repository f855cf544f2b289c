"""/api/v1: what the pages do, for programs. Routes, checks, document and page all come from the rows of OPERATIONS."""
