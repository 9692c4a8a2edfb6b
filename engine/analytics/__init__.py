"""What happened at each step of a journey, over all users."""
