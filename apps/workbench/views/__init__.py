"""The pages: each view parses, makes one call, and answers as HTML or as JSON."""
