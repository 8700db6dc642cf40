"""The report in a real browser: light, dark, on paper, on a phone and at a desk.

GRIDBID_SCREENSHOTS names a folder that keeps the screenshots.
"""

import os
import shutil
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from gridbid.evaluate.report import write_pages, write_report
from gridbid.evaluate.report.controllers import CONTROLLERS

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 375, "height": 812}
VIEWS = {
    "desk-light": (DESK, "screen", "light"),
    "desk-dark": (DESK, "screen", "dark"),
    "phone-light": (PHONE, "screen", "light"),
    "phone-dark": (PHONE, "screen", "dark"),
    "paper": ({"width": 680, "height": 960}, "print", "light"),
}

HIDDEN_SECTIONS = """() => [...document.querySelectorAll("header, section, footer")]
    .filter(part => !part.checkVisibility() || part.getBoundingClientRect().height < 20).map(part => part.id)"""

OPEN_DETAILS = """() => {
    const all = [...document.querySelectorAll("details")];
    for (const details of all) details.querySelector("summary").click();
    return all.filter(details => !details.open || [...details.children].some(
        child => child.getBoundingClientRect().height === 0)).length;
}"""

CLOSED_ON_PAPER = """() => [...document.querySelectorAll("details")].filter(details =>
    [...details.children].some(child => !child.checkVisibility({contentVisibilityAuto: true})
        || child.getBoundingClientRect().height === 0)).length"""

EMPTY_CHARTS = """() => [...document.querySelectorAll("figure")].filter(figure => {
    const seen = [...figure.querySelectorAll("svg")].filter(svg => svg.checkVisibility());
    return seen.length !== 1 || seen[0].getBoundingClientRect().width < 100
        || seen[0].getBoundingClientRect().height < 40;
}).length"""

OVERLAPS = """() => {
    const found = [];
    for (const svg of document.querySelectorAll("svg")) {
        if (!svg.checkVisibility()) continue;
        const texts = [...svg.querySelectorAll("text")].map(text => [text.textContent, text.getBoundingClientRect()]);
        texts.forEach(([one, a], at) => texts.slice(at + 1).forEach(([other, b]) => {
            const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
            const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
            if (wide > 1 && high > 4) found.push(`${one} / ${other} in ${svg.getAttribute("aria-label").slice(0, 40)}`);
        }));
    }
    return found;
}"""

POOR_CONTRAST = """() => {
    const context = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
    const rgb = color => {
        context.clearRect(0, 0, 1, 1);
        context.fillStyle = color;
        context.fillRect(0, 0, 1, 1);
        return context.getImageData(0, 0, 1, 1).data;
    };
    const luminance = color => [...rgb(color)].slice(0, 3).map(part => part / 255)
        .map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
        .reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
    const behind = element => {
        for (let at = element; at; at = at.parentElement) {
            const color = getComputedStyle(at).backgroundColor;
            if (rgb(color)[3] > 0) return color;
        }
        return "white";
    };
    const found = new Set();
    for (const element of document.querySelectorAll("body *")) {
        const speaks = [...element.childNodes].some(node => node.nodeType === 3 && node.textContent.trim());
        if (!speaks || !element.checkVisibility() || ["TITLE", "STYLE"].includes(element.tagName.toUpperCase())) continue;
        const style = getComputedStyle(element);
        const pair = [element.tagName === "text" ? style.fill : style.color, behind(element)];
        const [low, high] = pair.map(luminance).sort((a, b) => a - b);
        const ratio = (high + 0.05) / (low + 0.05);
        if (ratio < 4.5) found.add(`${element.tagName} ${element.textContent.trim().slice(0, 30)}: ${ratio.toFixed(2)}`);
    }
    return [...found];
}"""

HEADING_LEVELS = (
    """() => [...document.querySelectorAll("h1, h2, h3, h4")].map(heading => +heading.tagName[1])"""
)

UNNAMED = """() => [
    ...[...document.querySelectorAll("svg[role=img], [role=region]")].filter(part => !part.getAttribute("aria-label")),
    ...[...document.querySelectorAll("thead th, tbody tr > th")].filter(head => !head.scope),
    ...[...document.querySelectorAll("table")].filter(table => !table.querySelector("thead th")),
].length"""


@pytest.fixture(scope="module")
def browser():
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip(f"none of the browsers {', '.join(BROWSERS)} is installed")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=list(QUIET))
        yield opened
        opened.close()


@pytest.fixture
def opened(browser, request):
    """Opens a page as a view shows it; afterwards nothing may have gone wrong, and nothing been asked of the network."""
    troubles, requests, contexts = [], [], []

    def open_page(path, view):
        viewport, media, scheme = VIEWS[view]
        context = browser.new_context(viewport=viewport, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: troubles.append(message.text))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("request", lambda asked: requests.append(asked.url))
        page.emulate_media(media=media, color_scheme=scheme)
        page.goto(path.as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert troubles == []
    assert all(url.startswith("file://") and url.endswith(".html") for url in requests)
    assert len(requests) == len(contexts)


@pytest.fixture
def screenshots(tmp_path):
    folder = Path(os.environ.get("GRIDBID_SCREENSHOTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def cut_tables(page):
    """Tables that are wider than the box in which they may scroll; paper doesn't scroll."""
    return page.evaluate(
        """() => [...document.querySelectorAll(".scroll")].filter(box => box.scrollWidth > box.clientWidth)
            .map(box => box.getAttribute("aria-label"))"""
    )


def overflow_px(page):
    """How much wider the page is than its window."""
    return page.evaluate("document.scrollingElement.scrollWidth - innerWidth")


@pytest.mark.parametrize("view", VIEWS)
def test_the_report_reads_well(view, opened, whole_run, screenshots):
    page = opened(whole_run / "report.html", view)
    assert overflow_px(page) <= 0
    assert page.evaluate(HIDDEN_SECTIONS) == []
    assert page.evaluate(EMPTY_CHARTS) == 0
    assert page.evaluate(OVERLAPS) == []
    assert page.evaluate(POOR_CONTRAST) == []
    picture = page.screenshot(path=screenshots / f"{view}.png", full_page=True)
    assert len(picture) > 50_000
    if view == "paper":
        assert page.evaluate(CLOSED_ON_PAPER) == 0
        assert cut_tables(page) == []
        return
    assert page.evaluate(OPEN_DETAILS) == 0
    assert overflow_px(page) <= 0
    assert page.evaluate(POOR_CONTRAST) == []


def test_a_reader_who_can_t_see_finds_the_way(opened, whole_run):
    page = opened(whole_run / "report.html", "desk-light")
    levels = page.evaluate(HEADING_LEVELS)
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert page.evaluate(UNNAMED) == 0
    assert page.evaluate("document.documentElement.lang") == "en"


def test_it_prints_without_cutting_a_chart(opened, whole_run, tmp_path):
    page = opened(whole_run / "report.html", "paper")
    page.pdf(path=tmp_path / "report.pdf", prefer_css_page_size=True)
    assert (tmp_path / "report.pdf").stat().st_size > 50_000
    uncut = page.evaluate(
        """() => [...document.querySelectorAll("figure, .moment, tr")]
            .every(part => getComputedStyle(part).breakInside === "avoid" || part.closest(".moment"))"""
    )
    assert uncut
    tallest_mm = page.evaluate(
        """() => Math.max(...[...document.querySelectorAll("figure")].map(
            figure => figure.getBoundingClientRect().height)) / 96 * 25.4"""
    )
    assert tallest_mm < 297 - 2 * 18


@pytest.mark.parametrize("view", ["paper", "phone-dark"])
def test_a_long_ladder_has_room(view, opened, sample, tmp_path):
    """All rungs that there are."""

    def with_all(summary):
        figures = summary["controllers"]["nothing"]
        for at, name in enumerate(CONTROLLERS):
            summary["controllers"].setdefault(name, {**figures, "j_eur": figures["j_eur"] + 1000 * at})
        summary["controllers"]["zi_u"]["match_share"] = 0.5

    sample.write_summary(tmp_path, with_all)
    page = opened(write_report(tmp_path), view)
    assert overflow_px(page) <= 0
    assert page.evaluate(OVERLAPS) == []
    if view == "paper":
        assert cut_tables(page) == []


@pytest.mark.parametrize("view", ["desk-dark", "phone-light"])
def test_runs_side_by_side_read_well(view, opened, sample, whole_run, tmp_path, screenshots):
    twin = tmp_path / "another-run-with-a-long-name"
    twin.mkdir()
    sample.write_summary(twin, lambda summary: summary.update(weeks=[3]))
    path, _ = write_pages([whole_run, twin], tmp_path / "both.html")
    page = opened(path, view)
    assert overflow_px(page) <= 0
    assert page.evaluate(HIDDEN_SECTIONS) == []
    assert page.evaluate(EMPTY_CHARTS) == 0
    assert page.evaluate(OVERLAPS) == []
    assert page.evaluate(POOR_CONTRAST) == []
    page.screenshot(path=screenshots / f"comparison-{view}.png", full_page=True)
