"""The agency's list of qualified vendors: read from CSV, checked by the same rules as the screens, and put in whole or not at all."""
