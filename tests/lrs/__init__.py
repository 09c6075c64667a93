"""A real learning record store for tests: Ralph, from its package, in an environment of its own."""
