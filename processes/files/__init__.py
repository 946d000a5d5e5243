"""Files of features, written in child processes: neither their memory nor their work is the server's."""
