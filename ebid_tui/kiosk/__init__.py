"""The kiosk: a keeper of the terminal, and a screen process a visitor."""
