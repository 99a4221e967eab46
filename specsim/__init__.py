"""specsim: the laboratory for speculative decoding."""
