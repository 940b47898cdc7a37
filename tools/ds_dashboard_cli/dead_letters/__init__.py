"""What did not arrive: messages of the rejected queue and of the dead-letter queues, and the way back for each."""
