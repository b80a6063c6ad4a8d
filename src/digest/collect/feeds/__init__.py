"""Documents that list stories: feeds, sitemaps, and the posts of content systems. Nothing here fetches."""
