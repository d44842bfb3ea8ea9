"""What the oracle asks about one promise, a file each. They run in the product's environment."""
