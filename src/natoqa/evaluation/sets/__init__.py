"""Question sets from other formats and to them, and what is wrong with one."""
