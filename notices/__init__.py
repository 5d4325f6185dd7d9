"""Notices: what somebody is told, in the page and, where that person wants it, outside of it."""
