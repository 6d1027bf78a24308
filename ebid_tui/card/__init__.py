"""Everything about cards and readers: one thread, one transport, the kinds of card, and those that are refused."""

import logging

# Without a handler of the application's own nothing of this may end up on the screen.
logging.getLogger(__name__).addHandler(logging.NullHandler())
