"""The standards' abstract tests, one test each, named by their ids: `/conf/core/fc-links` is `test_core_fc_links`."""
