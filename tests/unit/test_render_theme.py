"""Themes: every fault is found, named by its file and its key or line, and nothing passes in silence."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from digest.bundled import bundled
from digest.errors import Fault, TemplateError
from digest.render import check_theme, load_theme, render, render_mjml
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
        (
            '{{ between }}<a href="{{ letter.unsubscribe_url }}">{{ words.unsubscribe }}</a>',
            "",
            "no link to unsubscribe_url",
        ),
        ('{{ between }}<a href="{{ letter.browser_url }}">{{ words.browser }}</a>', "", "no link to browser_url"),
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


@pytest.mark.parametrize("name", ["brief", "plain"])
def test_every_shipped_theme_has_no_fault(name: str) -> None:
    assert check_theme(name) == ()


def a_theme(folder: Path, toml: str, **templates: str) -> Path:
    folder.mkdir(parents=True)
    (folder / "theme.toml").write_text(toml, "utf-8")
    for name, text in templates.items():
        (folder / f"{name}.j2").write_text(text, "utf-8")
    return folder


def test_a_theme_has_what_it_says_itself_and_the_rest_from_the_one_that_it_extends(tmp_path: Path) -> None:
    paper = 'extends = "classic"\n[light]\nink = "#000000"\n[accents.sport]\nlight = "#7A0000"\ndark = "#FF9999"\n'
    folder = a_theme(tmp_path / "templates" / "ours", paper, **{"more.css": ".headline { font-size: 31px }\n"})

    theme, classic = load_theme(folder), load_theme("classic")
    assert (theme.name, theme.light.ink, theme.light.paper) == ("ours", "#000000", classic.light.paper)
    assert (theme.accent("sport").light, theme.accent("politics")) == ("#7A0000", classic.accent("politics"))
    assert dict(theme.templates)["letter.mjml.j2"] == dict(classic.templates)["letter.mjml.j2"]
    assert theme.fingerprint != classic.fingerprint
    assert "font-size:31px" in render(FULL, theme).html.replace(" ", "")


def test_a_theme_may_extend_one_beside_it_and_take_the_name_of_a_shipped_one(tmp_path: Path) -> None:
    a_theme(tmp_path / "templates" / "classic", 'extends = "classic"\n[page]\nrule_px = 5\n')
    folder = a_theme(tmp_path / "templates" / "ours", 'extends = "classic"\n')
    assert load_theme(folder).page.rule_px == 5


def test_faults_name_the_file_that_they_are_in_also_where_it_is_the_extended_themes(tmp_path: Path) -> None:
    broken = a_theme(tmp_path / "templates" / "broken", 'extends = "classic"\n', **{"footer.mjml": "{{ nothing }}\n"})
    a_theme(tmp_path / "templates" / "ours", 'extends = "broken"\n')
    assert [fault.where for fault in check_theme(broken.parent / "ours")] == ["templates/broken/footer.mjml.j2:1"]


@pytest.mark.parametrize(
    ("extends", "problem"),
    [
        ("nowhere", "there is no theme 'nowhere'."),
        ("../classic", "'../classic' is no name of a theme."),
        (7, "7 is no"),
    ],
)
def test_a_theme_that_extends_nothing_known_is_a_fault(tmp_path: Path, extends: object, problem: str) -> None:
    told = f'extends = "{extends}"' if isinstance(extends, str) else f"extends = {extends}"
    faults = check_theme(a_theme(tmp_path / "templates" / "ours", told))
    assert any(
        fault.where == "templates/ours/theme.toml: extends" and fault.problem.startswith(problem) for fault in faults
    )


def test_themes_that_extend_each_other_are_a_fault(tmp_path: Path) -> None:
    a_theme(tmp_path / "templates" / "one", 'extends = "two"')
    two = a_theme(tmp_path / "templates" / "two", 'extends = "one"')
    assert any("extends this theme in turn" in fault.problem for fault in check_theme(two))


@pytest.mark.parametrize(
    ("logo", "where"),
    [
        ('light = "logo.png"', "logo.light"),
        ('light = "https://h.example/logo.png"', "logo"),
        ('dark = "https://h.example/logo.png"\nwidth_px = 2\nheight_px = 2', "logo.dark"),
        ('light = "https://h.example/l.png"\nwidth_px = "wide"\nheight_px = 2', "logo.width_px"),
        ("text = 3", "logo.text"),
        ("colour = 3", "logo.colour"),
    ],
)
def test_a_logo_that_no_inbox_could_show_is_a_fault(tmp_path: Path, logo: str, where: str) -> None:
    folder = a_theme(tmp_path / "templates" / "ours", f'extends = "classic"\n[logo]\n{logo}\n')
    assert f"templates/ours/theme.toml: {where}" in [fault.where for fault in check_theme(folder)]


def test_a_logo_stands_in_the_masthead_with_its_twin_for_dark_paper(tmp_path: Path) -> None:
    logo = 'light = "https://h.example/l.png"\ndark = "https://h.example/d.png"\nwidth_px = 240\nheight_px = 48'
    folder = a_theme(tmp_path / "templates" / "ours", f'extends = "classic"\n[logo]\n{logo}\n')
    assert check_theme(folder) == ()
    html = render(FULL, load_theme(folder)).html
    assert html.count('src="https://h.example/l.png"') == html.count('src="https://h.example/d.png"') == 1
    assert f'alt="{FULL.publication.name.replace("&", "&amp;")}"' in html
