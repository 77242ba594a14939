"""What we answer: begun and kept, approved where a role asks for it, handed over exactly once, and what became of it."""
