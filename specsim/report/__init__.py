"""Tables and figures: what people look at. Data comes in, nothing is computed here."""
