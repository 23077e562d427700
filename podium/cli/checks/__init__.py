"""What ``podium check`` reads, and the forms in which it tells what it found."""
