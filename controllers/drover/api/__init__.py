"""What the kinds are: schemas, validation and printer columns of the custom resources."""
