"""People and agencies of an area: who there is, who holds which role, and the register of its changes."""
