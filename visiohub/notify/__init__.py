"""What leaves the hub: calendars, and the outbox of mails, SMS and webhooks; what it fetches."""
