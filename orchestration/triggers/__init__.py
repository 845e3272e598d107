"""What starts runs without a person at the form: schedules, webhooks, other runs' ends, and the API."""
