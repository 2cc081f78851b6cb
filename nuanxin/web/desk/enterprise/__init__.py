"""The face of an employer's people office: who of its people applied, who is a member, whom to call."""
