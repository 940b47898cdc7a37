"""Messages in the rejected queue and in the dead-letter queues: reading, redriving and deleting them."""
