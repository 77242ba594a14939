"""What comes back by mail: bounces and what they mean for an address, complaints, auto-replies, and whom they are about."""
