"""What actions cost on a public chain: measured on a real node, kept in chain/gas.json, compared by a test."""
