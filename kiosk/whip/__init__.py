"""`kiosk call URL`: a call without the hub, by the WHIP exchange (RFC 9725), both ways."""
