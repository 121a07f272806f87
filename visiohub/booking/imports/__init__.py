"""Tables taken over from elsewhere: checked as a whole, then written as a whole or not at all."""
