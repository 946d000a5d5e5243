"""Analysis kernels, and around them one processor per process."""
