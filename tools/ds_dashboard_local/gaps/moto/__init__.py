"""Services that the engine does not serve and moto does."""
