from digest.collect.pages.discovery import FeedLink, SectionLink, SiteFacts, discover

PAGE = """<!doctype html><html lang="en-GB"><head>
<title>The Harbour Herald: news of the port</title>
<meta property="og:site_name" content="The Harbour Herald">
<link rel="alternate" type="application/rss+xml" title="All stories" href="/feed.xml">
<link rel="alternate" type="application/rss+xml" title="Comments" href="/comments/feed/">
<link rel="alternate" type="application/json" href="https://example.com/wp-json/wp/v2/pages/2">
<link rel="alternate" type="application/feed+json" href="/feed.json">
<link rel="alternate" hreflang="fr" href="/fr/">
</head><body><nav>
<a href="/">Home</a> <a href="/politics/">Politics</a> <a href="/sport">  Sport
</a><a href="/politics">Politics again</a><a href="/about">About us</a>
<a href="https://elsewhere.example/business">Business</a><a href="/2026/11/24/a-story">A story</a>
<a href="/newsletter/">Newsletter</a>
</nav></body></html>"""


def test_a_front_page_tells_name_language_feeds_and_sections() -> None:
    assert discover(PAGE, "https://example.com/") == SiteFacts(
        name="The Harbour Herald",
        language="en-GB",
        feeds=(
            FeedLink("https://example.com/feed.xml", "All stories"),
            FeedLink("https://example.com/feed.json", ""),
        ),
        sections=(
            SectionLink("politics", "Politics", "https://example.com/politics/"),
            SectionLink("sport", "Sport", "https://example.com/sport"),
        ),
    )


def test_a_page_that_says_nothing_is_named_by_its_host() -> None:
    assert discover(b"", "https://www.example.com/x") == SiteFacts("www.example.com", "", (), ())
    assert discover("<title>Example News | Home</title>", "https://example.com").name == "Example News"
