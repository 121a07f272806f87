"""AV1 both ways: the picture of a thin line. Payload format (pure), encoder, decoder."""
