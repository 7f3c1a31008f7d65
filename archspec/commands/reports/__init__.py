"""Reports for programs: in comes what a check found, out goes one text, each format in a file of its own."""
