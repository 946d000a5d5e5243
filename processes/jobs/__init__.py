"""The job engine: a table, a queue, and one child process for each running job."""
