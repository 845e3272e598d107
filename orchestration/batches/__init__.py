"""Uploads: files whose rows start runs, one each. (Files that come with a form are in `orchestration.uploads`.)"""
