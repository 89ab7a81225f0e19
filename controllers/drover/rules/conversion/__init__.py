"""Other tools' groups of namespaces as Projects: objects in, objects and remarks out. `drover convert` prints them."""
