"""Pull, push, and the worker that runs what is due."""
