"""Ways into a flow besides an event of the moment: a date, a call by name, people added by hand or from the past."""
