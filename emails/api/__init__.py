"""The API's operations about how emails look: the brand kit, pictures."""
