"""Accounts: signing in, second factors, sessions, invitations, and showing anew who one is. All of allauth is here."""
