"""What pages for people say: articles, front pages, and the site itself. Nothing here fetches."""
