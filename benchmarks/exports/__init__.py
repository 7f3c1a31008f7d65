"""Every shipped preset in every format: written, read again and compared, for the table of docs/export.md."""
