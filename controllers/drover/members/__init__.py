"""Member clusters: how one is reached, and the loop that makes one as it should be."""
