"""What ibdesk gets from the computer, by way of the event loop: clocks, connections, threads, and waiting."""
