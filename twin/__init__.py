"""Quietline's double of Twilio: REST paths, signed webhooks, delivery by plan, and a phone to text from."""
