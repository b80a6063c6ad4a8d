"""Small valid documents, one of each kind that `collect` reads, and pieces that have broken parsers before."""

from __future__ import annotations

import json

__all__ = ["NASTY_BYTES", "NASTY_VALUES", "SEEDS"]

_RSS = b"""<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>The Gazette</title>
<link>https://example.com/</link><language>en-gb</language>
<item><title>Harbour bridge &amp; tunnel open</title><link>https://example.com/a?x=1</link><guid>a-1</guid>
<pubDate>Tue, 24 Nov 2026 06:00:00 +0100</pubDate><dc:creator>By Ann Lee</dc:creator><category>Local</category>
<description>&lt;p&gt;The bridge opened on &lt;b&gt;Tuesday&lt;/b&gt;.&lt;/p&gt;</description>
<content:encoded><![CDATA[<h2>Key points</h2><ul><li>It cost 30 million.</li><li>It is open.</li></ul>
<p>The bridge opened.</p><img src="/b.jpg"/>]]></content:encoded>
<media:content url="https://example.com/b.jpg" medium="image" width="800"/></item>
<item><title>Second</title><link>/b</link><author>x@example.com (Bo)</author><description>Short.</description>
<enclosure url="https://example.com/c.png" type="image/png" length="1"/></item></channel></rss>"""
_ATOM = b"""<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de"><title>Blatt</title>
<entry><title type="html">Br&#252;cke &amp;amp; Tunnel</title><id>tag:example.com,2026:1</id>
<link href="https://example.com/a"/><link rel="enclosure" type="image/png" href="/i.png"/>
<published>2026-11-24T06:00:00Z</published><updated>2026-11-24T07:00:00.5+01:00</updated>
<author><name>Ann Lee</name><email>a@example.com</email></author><category term="Lokales"/>
<summary>Kurz.</summary><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Lang.</p></div></content>
</entry></feed>"""
_RDF = b"""<?xml version="1.0" encoding="iso-8859-1"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://example.com/"><title>Old</title></channel>
<item rdf:about="https://example.com/a"><title>Caf\xe9 opens</title><link>https://example.com/a</link>
<dc:date>2026-11-24T06:00+00:00</dc:date><dc:subject>Food</dc:subject></item></rdf:RDF>"""
_SITEMAP = b"""<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"
 xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"><url><loc>https://example.com/a</loc>
<lastmod>2026-11-24</lastmod><news:news><news:publication><news:name>Gazette</news:name>
<news:language>en</news:language></news:publication>
<news:publication_date>2026-11-24T06:00:00Z</news:publication_date>
<news:title>Bridge opens</news:title></news:news>
<image:image><image:loc>/i.jpg</image:loc></image:image></url></urlset>"""
_INDEX = b"""<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<sitemap><loc>https://example.com/news.xml</loc></sitemap>
<sitemap><loc>/2026.xml.gz</loc><lastmod>2026-11-24T06:00:00+00:00</lastmod></sitemap></sitemapindex>"""
_ARTICLE = b"""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Bridge opens - Gazette</title>
<base href="https://example.com/news/"><link rel="canonical" href="/news/bridge">
<meta property="og:title" content="Bridge opens"><meta property="og:image" content="/b.jpg">
<meta property="og:site_name" content="Gazette"><meta name="description" content="It took three years.">
<meta property="article:published_time" content="2026-11-24T06:00:00+01:00"><meta name="author" content="Ann Lee">
<script type="application/ld+json">{"@context":"https://schema.org","@type":"NewsArticle","headline":"Bridge opens",
"datePublished":"2026-11-24T06:00:00Z","dateModified":"2026-11-24T07:00:00Z","author":[{"@type":"Person",
"name":"Ann Lee"}],"image":{"url":"https://example.com/b.jpg"},"articleSection":"Local","inLanguage":"en",
"articleBody":"The bridge over the harbour opened on Tuesday."}</script></head>
<body><nav><a href="/local">Local</a></nav>
<article itemscope itemtype="https://schema.org/NewsArticle"><h1 itemprop="headline">Bridge opens</h1>
<time itemprop="datePublished" datetime="2026-11-24T06:00">Today</time>
<p class="byline">By <a rel="author">Ann Lee</a></p>
<figure><img src="b.jpg" alt="The bridge"><figcaption>The bridge. Photo: Bo Ek</figcaption></figure>
<div class="key-points"><h2>Key takeaways</h2><ul><li>The bridge cost 30 million to build.</li>
<li>It opened on Tuesday for cars and trams.</li></ul></div><p>The bridge over the harbour opened on Tuesday after
three years of work, the council said in a statement.</p><h2>What comes next</h2><p>Trams will cross it from
December, and the old ferry stops for good on the same day.</p></article></body></html>"""
_FRONT = b"""<!DOCTYPE html><html lang="en"><head><title>Gazette: news</title>
<meta property="og:site_name" content="Gazette">
<link rel="alternate" type="application/rss+xml" title="All" href="/feed"><base href="/"></head><body>
<header><nav><a href="/politics">Politics</a><a href="/sport/">Sport</a></nav></header><main>
<article><h1><a href="/2026/11/24/bridge-opens-today">Harbour bridge opens after three years</a></h1>
<img src="/b.jpg"></article>
<article><h3><a href="/2026/11/24/ferry-stops-in-december">Old ferry stops for good in December</a></h3></article>
<article><h3>
<a href="https://example.com/news/trams-will-cross-it">Trams will cross the new bridge soon</a></h3></article>
<section class="most-read"><h2>Most read</h2><ol><li><a href="/2026/11/23/storm-hits-coast">Storm hits the coast
at night</a></li><li><a href="/2026/11/23/school-is-closed">School is closed after the storm</a></li><li>
<a href="/2026/11/22/council-votes-on-budget">Council votes on the budget tonight</a></li></ol></section>
</main></body></html>"""
_JSON_FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "Gazette",
    "language": "en",
    "authors": [{"name": "Desk"}],
    "items": [
        {
            "id": "1",
            "url": "https://example.com/a",
            "title": "Bridge opens",
            "content_html": "<p>It did.</p>",
            "summary": "Short.",
            "image": "/b.jpg",
            "date_published": "2026-11-24T06:00:00Z",
            "date_modified": "2026-11-24T07:00:00+01:00",
            "tags": ["Local"],
            "author": {"name": "Ann"},
        },
        {"id": "https://example.com/b", "title": "Second", "content_text": "a < b & c"},
    ],
}
_WORDPRESS = [
    {
        "link": "https://example.com/a",
        "title": {"rendered": "Bridge &#8211; opens"},
        "status": "publish",
        "guid": {"rendered": "https://example.com/?p=1"},
        "date": "2026-11-24T07:00:00",
        "date_gmt": "2026-11-24T06:00:00",
        "modified_gmt": "2026-11-24T06:30:00",
        "content": {"rendered": "<p>It did.</p>", "protected": False},
        "excerpt": {"rendered": "<p>Short [&hellip;]</p>", "protected": False},
        "_embedded": {
            "author": [{"name": "Ann Lee"}],
            "wp:featuredmedia": [{"source_url": "/b.jpg", "alt_text": "Bridge", "caption": {"rendered": "Photo: Bo"}}],
            "wp:term": [[{"taxonomy": "category", "name": "Local"}], [{"taxonomy": "author", "name": "Ann"}]],
        },
    }
]
_GHOST = {
    "posts": [
        {
            "id": "5",
            "url": "https://example.com/a",
            "title": "Bridge <opens>",
            "html": "<p>It did.</p>",
            "custom_excerpt": None,
            "excerpt": "Short.",
            "feature_image": "https://example.com/b.jpg",
            "feature_image_alt": None,
            "feature_image_caption": "<i>Photo: Bo</i>",
            "published_at": "2026-11-24T06:00:00.000+00:00",
            "updated_at": None,
            "primary_tag": {"name": "Local"},
            "tags": [{"name": "Local", "visibility": "public"}],
            "authors": [{"name": "Ann Lee"}],
        }
    ]
}
_MARKDOWN = b"""---
url: https://example.com/a
title: "Bridge opens"
date: 2026-11-24T06:00:00Z
authors: [Ann Lee, 'Bo Ek']
takeaways:
  - It cost 30 million.
image: /b.jpg
---
# Bridge opens

The **bridge** [opened](https://example.com/x) on `Tuesday`.

What next
---------

- Trams
- Ferries
"""
_TOML = b"""+++
url = "https://example.com/a"
title = "Bridge opens"
date = 2026-11-24T06:00:00+01:00
updated = 2026-11-25
takeaways = ["It cost 30 million."]
+++
The bridge opened.
"""
_FOLDER_JSON = [
    {
        "url": "https://example.com/a",
        "title": "Bridge opens",
        "text": "One.\n\nTwo.",
        "date": "2026-11-24T06:00:00Z",
        "authors": ["Ann"],
        "section": "Local",
        "image": "/b.jpg",
        "image_credit": "Bo",
    }
]
_LOG = (
    b'example.com:443 203.0.113.9 - - [24/Nov/2026:06:10:00 +0000] "GET /news/a?x=1 HTTP/1.1" 200 512'
    b' "https://example.com/" "Mozilla/5.0 (X11; Linux) \\"q\\" Firefox/140.0"\n'
    b'2001:db8::1 - bob [24/Nov/2026:06:10:01 +0100] "GET /b HTTP/2.0" 304 0\n'
    b'{"time_local":"24/Nov/2026:06:10:00 +0000","remote_addr":"203.0.113.9","request":"GET /c HTTP/1.1",'
    b'"status":200}\n'
    b'{"ts":1795500600.25,"request":{"remote_ip":"203.0.113.9","method":"GET","uri":"/d","headers":'
    b'{"User-Agent":["Mozilla/5.0"]}},"status":200}\n'
)
_TABLE = b'url;views;start;end\n/news/a;1 200;2026-11-24T05:00:00Z;2026-11-24T06:00:00Z\nhttps://example.com/b;"3";;\n'
_VIEW_LIST = [{"url": "/a", "views": 120, "at": "2026-11-24T05:00:00Z"}, {"page": "/b", "count": "3"}]
_PLAUSIBLE = {
    "results": [{"metrics": [12], "dimensions": ["2026-11-24 05:00:00", "/news/a"]}],
    "query": {"date_range": ["2026-11-23T08:00:00+01:00", "2026-11-24T07:59:59+01:00"]},
}
_MATOMO = {
    "site": [{"idsite": "1", "timezone": "UTC+5.5"}],
    "tables": {"2026-11-24": [{"url": "https://example.com/a", "nb_visits": 4}], "2026-11-23": []},
}
_OPEN_METEO = {"current": {"time": "2026-11-24T07:00", "temperature_2m": 8.2, "weather_code": 61, "is_day": 1}}
_MET = {
    "properties": {
        "timeseries": [
            {
                "time": "2026-11-24T07:00:00Z",
                "data": {
                    "instant": {"details": {"air_temperature": 8.2}},
                    "next_1_hours": {"summary": {"symbol_code": "lightrain_day"}},
                },
            }
        ]
    }
}
_ROBOTS = b"""# rules
User-agent: *
Disallow: /drafts/*a*b$
Allow: /
Crawl-delay: 2.5
Sitemap: https://example.com/sitemap.xml

User-agent: Digest
Disallow: /no%20way
Request-rate: 1/5
Visit-time: 0600-0845
"""
_HEADERS = b"public, max-age=300\nTue, 24 Nov 2026 07:00:00 GMT\n120\nWed, 25 Nov 2026 07:00:00 +0100"


def _bytes(value: object) -> bytes:
    return json.dumps(value).encode()


# By the name of what reads them: the keys of `targets.TARGETS`.
SEEDS: dict[str, tuple[bytes, ...]] = {
    "feed": (_RSS, _ATOM, _RDF, _bytes(_JSON_FEED), _bytes(_WORDPRESS), _bytes(_GHOST)),
    "sitemap": (_SITEMAP, _INDEX, b"https://example.com/a\nhttps://example.com/b\n"),
    "article": (_ARTICLE,),
    "front page": (_FRONT,),
    "discovery": (_FRONT,),
    "markdown": (_MARKDOWN, _TOML),
    "json stories": (_bytes(_FOLDER_JSON),),
    "access log": (_LOG,),
    "view table": (_TABLE,),
    "view list": (_bytes(_VIEW_LIST),),
    "plausible": (_bytes(_PLAUSIBLE),),
    "matomo": (_bytes(_MATOMO),),
    "open-meteo": (_bytes(_OPEN_METEO),),
    "met-norway": (_bytes(_MET),),
    "robots": (_ROBOTS,),
    "headers": (_HEADERS,),
}

_NASTY_TEXTS = tuple(
    text.encode("utf-8", "surrogatepass")
    for text in (
        "",
        "\x00",
        "\u202e\u2066",
        "\ud800",
        "&#xD800;",
        "&#0;&#x202e;&#11;",
        "&nosuch;",
        "&amp;amp;lt;b&amp;amp;gt;",
        "<![CDATA[",
        "]]>",
        "<!--",
        "<!DOCTYPE x [<!ENTITY a 'b'><!ENTITY c SYSTEM 'file:///etc/passwd'>]>",
        "&a;&c;",
        "<script>alert(1)</script>",
        "<svg onload=alert(1)>",
        "<a href='javascript:alert(1)'>",
        "<div " + "x=1 " * 30 + ">",
        "<p>" * 40,
        "</channel></rss>",
        "javascript:alert(1)",
        "http://[",
        "http://a:99999/",
        "http://user:secret@h.example/",
        "//[::1]:x/",
        "9999-12-31T23:59:59-14:00",
        "0001-01-01T00:00:00+14:00",
        "Mon, 00 Jan 0000 99:99:99 +9999",
        "-1",
        "٣²",
        "1e999",
        "1" * 400,
        '<?xml version="1.0" encoding="utf-7"?>',
        "charset=undefined",
        "---\n",
        "+++\n",
        '"',
        "\\u0000",
        "\r\n\r\n",
        "\x0b\x1c\u2028",
        "{" * 50,
        "[" * 50,
    )
)
NASTY_BYTES = (*_NASTY_TEXTS, b"\xff\xfe", b"\xfe\xff\x00<", b"\x1f\x8b\x08\x00", b"\x80\xc3\x28", b"%00%zz")

NASTY_VALUES: tuple[object, ...] = (
    None,
    True,
    0,
    -1,
    10**400,
    -(10**400),
    1e308,
    float("nan"),
    float("inf"),
    "",
    "x",
    "\x00\u202e\ud800",
    "javascript:alert(1)",
    "http://[",
    "https://example.com/\u202ea b",
    "9999-12-31T23:59:59-14:00",
    "0001-01-01T00:00:00+14:00",
    "0001-01-01T00:00:00",
    "UTC+99",
    "../../etc/passwd",
    "<p>" * 40 + "&lt;script&gt;",
    "٣",
    [],
    {},
    [[]],
    [None],
    {"rendered": 5},
    {"name": {"name": []}},
)
