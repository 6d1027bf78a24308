"""The desk, step by step: an operator signs in, finds a vendor, looks, and does what an application asks for."""
