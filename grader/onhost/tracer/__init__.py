"""One attempt on the host: started, waited for, looked at, stopped."""
