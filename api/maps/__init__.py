"""Journey maps as pictures and files: one layout, written as SVG, PNG and PDF; rows as CSV; Mermaid."""
