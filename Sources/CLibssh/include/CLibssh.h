// Nothing for Swift: what is here stands before libssh's functions of the same names, see CLibssh.c.
