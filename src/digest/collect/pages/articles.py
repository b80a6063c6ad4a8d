"""An article page → a story.

What the page says about itself comes from `metadata`, its own key points from `takeaway_blocks`, its
text from `bodies`; the key points are taken out of the page before its text is read.
Never raises: a page that can't be read is a story without text, named after its address.
"""

from __future__ import annotations

from digest.collect.links import title_from_url
from digest.collect.markup import parse_html
from digest.collect.pages.bodies import read_body
from digest.collect.pages.key_lines import key_points_of, whole_points, whole_summary
from digest.collect.pages.metadata import read_metadata
from digest.collect.pages.takeaway_blocks import find_takeaways, remove_takeaways
from digest.model import Story

__all__ = ["read_article"]


def read_article(html: str | bytes, url: str, *, content_type: str = "") -> Story:
    """Return the story on the page `html` that was served from `url`.

    Args:
        html: Text, or bytes that are decoded by byte-order mark, header, declaration, or their look.
        url: Where it was served from, after redirects.
        content_type: The header, for its charset.
    """
    page = parse_html(html, content_type)
    if page is None:
        return Story(url=url, title=title_from_url(url))
    meta = read_metadata(page, url)
    title = meta.title or title_from_url(url)
    block = find_takeaways(page, title, meta.summary)
    if block is not None:
        remove_takeaways(block)
    passages = read_body(page, url, title, standfirst=meta.summary, stated=meta.body)
    paragraphs = tuple(text for text, _ in passages)
    points = block.bullets if block else key_points_of(meta.summary)
    return Story(
        url=meta.canonical_url or url,
        title=title,
        text="\n\n".join(paragraphs),
        paragraphs=paragraphs,
        subheads=tuple(index for index, (_, is_subhead) in enumerate(passages) if is_subhead),
        summary=whole_summary(meta.summary, paragraphs),
        takeaways_given=whole_points(points, paragraphs),
        authors=meta.authors,
        section=meta.section,
        language=meta.language,
        published_at=meta.published_at,
        updated_at=meta.updated_at,
        image_url=meta.image_url,
        image_alt=meta.image_alt,
        image_credit=meta.image_credit,
        site_name=meta.site_name,
    )
