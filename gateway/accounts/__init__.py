"""Principals, teams, passwords, sign-ins at providers, sealed secrets."""
