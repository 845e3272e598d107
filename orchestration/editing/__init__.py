"""Editing a draft in a form: fields by kind of step, what a form sends, and the change in the text it makes."""
