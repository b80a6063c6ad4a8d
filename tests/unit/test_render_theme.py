"""Themes: every fault is found, named by its file and its key or line, and nothing passes in silence."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from digest.bundled import bundled
from digest.errors import Fault, TemplateError
from digest.render import check_theme, load_theme, render_mjml
from digest.render.check import mjml_problems
from digest.render.sample import FULL


@pytest.fixture
def theme(tmp_path: Path) -> Path:
    return Path(shutil.copytree(bundled("templates/classic"), tmp_path / "templates" / "mine"))


def _change(file: Path, old: str, new: str) -> int:
    """Replace `old` and return the line it stood on."""
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")
    return text[: text.index(old)].count("\n") + 1


def test_shipped_theme_has_no_fault() -> None:
    assert check_theme("classic") == ()


def test_values_of_theme_toml_are_named_by_their_key(theme: Path) -> None:
    file = theme / "theme.toml"
    _change(file, 'ink = "#1A1A1A"', 'ink = "black; background: url(x)"')
    _change(file, "width_px = 600", 'width_px = "wide"\nheight_px = 1')
    _change(file, "[accents.default]", "[accents.other]")
    _change(file, "Georgia, ", "Georgia; color: red, ")

    assert [fault.where for fault in check_theme(theme)] == [
        "templates/mine/theme.toml: page.height_px",
        "templates/mine/theme.toml: page.width_px",
        "templates/mine/theme.toml: fonts.serif",
        "templates/mine/theme.toml: light.ink",
        "templates/mine/theme.toml: accents.default",
    ]


def test_colour_that_can_not_be_read_is_a_fault(theme: Path) -> None:
    _change(theme / "theme.toml", 'muted = "#5C5C5C"', 'muted = "#777777"')

    assert check_theme(theme) == (
        Fault(
            "templates/mine/theme.toml: light.muted",
            "#777777 on #FFFFFF has a contrast of 4.48.",
            "At least 4.5 is needed.",
        ),
    )


def test_toml_that_can_not_be_read_names_the_line(theme: Path) -> None:
    line = _change(theme / "theme.toml", "[light]", "[light")

    (fault,) = check_theme(theme)
    assert fault.where == "templates/mine/theme.toml"
    assert f"line {line}" in fault.problem


def test_missing_files_and_links_to_the_outside_are_faults(theme: Path, tmp_path: Path) -> None:
    (theme / "letter.css.j2").unlink()
    (theme / "secret.j2").symlink_to(tmp_path / "elsewhere")

    assert [fault.where for fault in check_theme(theme)] == ["templates/mine/secret.j2", "templates/mine/letter.css.j2"]
    assert [fault.where for fault in check_theme(theme / "nowhere")] == [
        "mine/nowhere/theme.toml",
        "mine/nowhere/letter.css.j2",
        "mine/nowhere/letter.mjml.j2",
    ]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("{{ letter.nonsense }}", "'digest.render.galley.Galley object' has no attribute 'nonsense'."),
        ("{{ nonsense }}", "'nonsense' is undefined."),
        ("{{ letter.__class__.__mro__ }}", "access to attribute '__class__' of 'Galley' object is unsafe."),
        ("{{ 'x' * 1000000000 }}", "'*' is only for numbers, and powers are not allowed."),
        ("{{ 9 ** 9 ** 9 }}", "'**' is only for numbers, and powers are not allowed."),
        ("{{ 1 / 0 }}", "division by zero."),
        ("{{ letter.title | pprint }}", "No filter named 'pprint'."),
        ("{% include '../../etc/passwd' %}", "../../etc/passwd."),
        ("{% if %}", "Expected an expression, got 'end of statement block'."),
    ],
)
def test_template_that_fails_is_named_by_file_and_line(theme: Path, change: str, problem: str) -> None:
    line = _change(theme / "footer.mjml.j2", "{{ letter.why }}", change)

    (fault,) = check_theme(theme)
    assert fault.where == f"templates/mine/footer.mjml.j2:{line}"
    assert problem in fault.problem


def test_syntax_faults_of_several_files_come_at_once(theme: Path) -> None:
    first = _change(theme / "footer.mjml.j2", "{{ letter.why }}", "{{")
    second = _change(theme / "lead.mjml.j2", "{% set lead", "{% sett lead")

    assert [fault.where for fault in check_theme(theme)] == [
        f"templates/mine/footer.mjml.j2:{first}",
        f"templates/mine/lead.mjml.j2:{second}",
    ]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("<mj-text css", "<mj-tekst css", "has the unknown tag <mj-tekst>."),
        (
            '<mj-text css-class="g" padding-top="16px"',
            '<mj-text colour="red"',
            "has <mj-text colour=…>, which is unknown.",
        ),
        ('padding-bottom="40px"', 'padding-bottom="0"', 'has padding-bottom="0".'),
        ('<p class="foot m">{{ letter.why', '<p onclick="x">{{ letter.why', "has <p onclick=…>, which is unknown."),
        ("{{ letter.why }}", "<script>1</script>", "has <script>, which no letter needs."),
        ("<mj-column>", '<mj-include path="x" />\n<mj-column>', "has the unknown tag <mj-include>."),
        ('href="{{ letter.unsubscribe_url }}"', 'href="javascript:x"', 'has href="javascript:x".'),
        ("{{ letter.why }}", '<img src="https://x.example/1.png" />', "has <img> without alt."),
    ],
)
def test_what_mjml_would_pass_over_is_named_by_file_and_line(theme: Path, old: str, new: str, problem: str) -> None:
    line = _change(theme / "footer.mjml.j2", old, new)

    with pytest.raises(TemplateError) as caught:
        render_mjml(FULL, load_theme(theme))
    fault = caught.value.faults[0]
    assert (fault.where, fault.problem) == (f"templates/mine/footer.mjml.j2:{line}", problem)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (' · <a href="{{ letter.unsubscribe_url }}">{{ words.unsubscribe }}</a>', "", "no link to unsubscribe_url"),
        (' · <a href="{{ letter.browser_url }}">{{ words.browser }}</a>', "", "no link to browser_url"),
        ("{{ letter.address }}", "", "does not show the postal address"),
    ],
)
def test_letter_without_what_the_law_asks_is_refused(theme: Path, old: str, new: str, problem: str) -> None:
    _change(theme / "footer.mjml.j2", old, new)

    assert problem in check_theme(theme)[0].problem


def test_styles_that_gmail_would_drop_are_a_fault(theme: Path) -> None:
    _change(theme / "modes.css.j2", ":root", ".x { color: #000000 }\n" * 400 + ":root")

    assert "beyond 8,192 Gmail drops it" in check_theme(theme)[0].problem


def test_templates_saved_with_crlf_work(theme: Path) -> None:
    for file in theme.glob("*.j2"):
        file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))

    assert check_theme(theme) == ()


def test_files_changed_after_loading_change_nothing(theme: Path) -> None:
    loaded = load_theme(theme)
    before = render_mjml(FULL, loaded)
    _change(theme / "footer.mjml.j2", "{{ letter.why }}", "changed")

    assert render_mjml(FULL, loaded) == before
    assert "changed" in render_mjml(FULL, load_theme(theme))


@pytest.mark.parametrize(
    ("mjml", "what"),
    [
        ("<mjml><mj-body>" + "<mj-section>" * 20_000, "is nested more than 48 deep at <mj-section>."),
        ('<!DOCTYPE x [<!ENTITY a "aaaa">]><mjml>&a;</mjml>', "has a DOCTYPE."),
        ("<mjml><mj-head></mjml>", "is not well formed: mismatched tag."),
        ("<mjml>&nbsp;</mjml>", "is not well formed: undefined entity."),
        ("", "is not well formed: no element found."),
        ("<html />", "has <html> in <>."),
        ("<mjml><mj-text /></mjml>", "has <mj-text> in <mjml>."),
        ("<mjml><mj-head><mj-style>@import 'x'</mj-style></mj-head></mjml>", "has '@import' in <mj-style>."),
        (
            '<mjml><mj-head><mj-style inline="inline">p{}</mj-style></mj-head></mjml>',
            "has <mj-style inline=…>, which is unknown.",
        ),
    ],
)
def test_mjml_is_checked_before_it_is_rendered(mjml: str, what: str) -> None:
    assert what in [problem.what for problem in mjml_problems(mjml)]
