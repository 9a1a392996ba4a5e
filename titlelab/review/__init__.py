"""What people are asked, what they were shown, and what they decided."""
