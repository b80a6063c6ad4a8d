"""Pictures made fit for letters: cut to their place, small, without what a camera wrote. Nothing is fetched here."""
