"""What `lab show` tells of a check: plain data, drawn, in words, and as a page."""
