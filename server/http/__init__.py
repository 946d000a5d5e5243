"""What HTTP asks of every resource: the call, the answer, negotiation, validators, codings, addresses."""
