import json
from datetime import UTC, datetime
from urllib.parse import urljoin

import pytest
from lxml import html

from digest.demo.newsroom import SECTIONS, DemoStory, Flaw, load_newsroom
from digest.demo.pages import article_page, front_page, section_page

BASE = "http://127.0.0.1:8040"
ROOM = load_newsroom(datetime(2026, 11, 24, 7, tzinfo=UTC))


def links(page: html.HtmlElement, path: str) -> list[str]:
    return [str(found) for found in page.xpath(path)]


def words(page: html.HtmlElement, path: str) -> list[str]:
    return [" ".join(found.text_content().split()) for found in page.xpath(path)]


@pytest.mark.parametrize("story", ROOM.stories, ids=lambda story: story.slug)
def test_an_article_page_holds_its_story(story: DemoStory) -> None:
    page = html.document_fromstring(article_page(ROOM, story, BASE))
    assert words(page, "//h1") == [story.title]
    assert links(page, "//link[@rel='canonical']/@href") == [BASE + story.path]
    assert links(page, "//meta[@property='og:title']/@content") == [story.title]
    assert links(page, "/html/@lang") == [story.language]
    assert words(page, "//*[@class='takeaways']//li") == list(story.takeaways)
    assert words(page, "//*[@class='body']//h2") == [passage.text for passage in story.body if passage.is_subhead]
    text = " ".join(page.text_content().split())
    assert all(passage.text in text for passage in story.body)
    assert links(page, "//figure/img/@alt") == ([story.picture.alt] if story.picture else [])
    assert words(page, "//*[@class='correction']") == ([f"Correction: {story.correction}"] if story.correction else [])


@pytest.mark.parametrize("story", ROOM.stories, ids=lambda story: story.slug)
def test_structured_data_tells_the_same_story(story: DemoStory) -> None:
    page = html.document_fromstring(article_page(ROOM, story, BASE))
    (script,) = page.xpath("//script[@type='application/ld+json']")
    told = json.loads(script.text)
    assert {key: told[key] for key in ("@type", "headline", "url", "datePublished", "dateModified", "inLanguage")} == {
        "@type": "NewsArticle",
        "headline": story.title,
        "url": BASE + story.path,
        "datePublished": story.published_at.isoformat(),
        "dateModified": story.changed_at.isoformat(),
        "inLanguage": story.language,
    }
    assert [author["name"] for author in told["author"]] == list(story.authors)
    assert told.get("image", {}).get("url", "") == (BASE + story.picture_path if story.picture else "")


def test_a_hostile_headline_makes_no_element() -> None:
    (story,) = (story for story in ROOM.stories if story.flaw is Flaw.HOSTILE_HEADLINE)
    assert "<" in story.title
    for source in (article_page(ROOM, story, BASE), front_page(ROOM, BASE), section_page(ROOM, story.section, BASE)):
        page = html.document_fromstring(source)
        assert story.title not in source
        assert [script.get("type") for script in page.xpath("//script")] in ([], ["application/ld+json"])
        assert not page.xpath("//@onerror | //@onload | //iframe | //svg")


def test_broken_markup_is_broken_within_the_article_only() -> None:
    (story,) = (story for story in ROOM.stories if story.flaw is Flaw.BROKEN_MARKUP)
    source = article_page(ROOM, story, BASE)
    before, _, article = source.partition("<main")
    article = article.partition("</main>")[0]
    assert "</p>" in before
    assert "</p>" not in article
    assert "</strong>" in article.partition("<strong")[0]
    assert "class=meta" in article


def test_the_front_page_has_a_lead_sections_and_the_most_read_in_order() -> None:
    page = html.document_fromstring(front_page(ROOM, BASE))
    assert links(page, "//article[contains(@class, 'lead')]//h2/a/@href") == [ROOM.front()[0].path]
    assert links(page, "//nav//a/@href") == [f"/{section}/" for section in SECTIONS]
    popular = links(page, "//*[@class='most-popular']//ol/li/a/@href")
    assert popular == [story.path for story in ROOM.most_viewed()[:10]]
    feeds = [f"{BASE}/feed.atom", f"{BASE}/feed.json", *(f"{BASE}/{section}/feed.xml" for section in SECTIONS)]
    assert links(page, "//link[@rel='alternate']/@href") == feeds


def test_section_pages_list_all_their_stories() -> None:
    for section in SECTIONS:
        page = html.document_fromstring(section_page(ROOM, section, BASE))
        listed = [
            urljoin(BASE, link) for link in links(page, "//*[@class='list']//article//*[self::h2 or self::h3]/a/@href")
        ]
        assert listed == [BASE + story.path for story in ROOM.in_section(section)]
