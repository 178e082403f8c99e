"""What follows from the options: MDT referral, missing facts, systemic therapy, prognosis, draft orders."""
