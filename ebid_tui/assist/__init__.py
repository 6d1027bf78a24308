"""Less typing: what a field can be filled with from what is known. Suggestions only; nothing typed is ever replaced unasked."""
