"""The face: one small file a command noun, that parses, calls and renders."""
