"""The demo province: a synthetic one map of 沧州 and its neighbours, with planted situations and their truth."""
