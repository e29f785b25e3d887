"""A finished run, drawn: one HTML page, Markdown, JUnit XML, and one JSON object."""
