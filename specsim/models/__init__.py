"""Where next-token laws come from."""
