"""The story in a real browser, with real web, worker and clock processes. Skipped, loudly, where there is no chromium."""
