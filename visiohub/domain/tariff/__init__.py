"""What rooms cost and who pays: grids, quotes, cancellations, statements. Pure."""
