"""What is made from the commands themselves: the manual page, the reference, the shell's table."""
