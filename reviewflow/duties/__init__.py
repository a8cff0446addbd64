"""What is owed, by whom, by when: computed from the cases each time it is asked, never stored."""
