IMPOSSIBLE = "simulate.nobody_can"  # a kind of job for which there is no handler: given up at once, as it should be
