"""Features Parts 4 (20-002r1, draft) and 11 (26-018, draft). Their abstract tests are placeholders yet: the names here
are those of the requirements."""
