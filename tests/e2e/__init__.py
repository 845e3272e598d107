"""The story in a real browser, with all processes. Skipped, loudly, where there is no chromium."""
