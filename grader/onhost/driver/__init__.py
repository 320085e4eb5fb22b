"""What happens on the host because an order says so, in processes of ours."""
