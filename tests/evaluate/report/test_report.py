"""The report says what the run's files say, in one file that needs nothing else."""

import re

import numpy as np
import pytest

from gridbid.evaluate.report import write_report
from gridbid.evaluate.report.charts.palette import PALETTE
from gridbid.evaluate.report.folder.node import ReportError

THIN_SPACE = "\u202f"


def shown(value, digits):
    """A number as a reader sees it, without its narrow spaces."""
    return f"{value:.{digits}f}".replace("-", "−")


def set_score(score, interval):
    """A change of the summary to another score, with the learned costs that go with it."""

    def change(summary):
        rule, optimum = (summary["controllers"][name]["j_eur"] for name in ("rule", "optimum"))
        summary["controllers"]["learned"]["j_eur"] = rule - score * (rule - optimum)
        summary["S"] = score
        summary["S_interval"] = interval

    return change


def test_one_file_needs_nothing_else(whole):
    tags = {tag for tag, _ in whole.tags}
    assert not tags & {"script", "link", "img", "iframe", "object", "embed", "base"}
    assert "http" not in whole.source
    assert "@import" not in whole.source
    assert all(target.startswith("#") for target in re.findall(r"url\(([^)]*)\)", whole.source))
    assert all(target.startswith("#") for target in whole.values("href"))
    assert len(whole.source.encode()) < 2_000_000


def test_ids_are_unique_and_all_references_lead_somewhere(whole):
    ids = whole.values("id")
    assert len(ids) == len(set(ids))
    references = whole.values("href") + re.findall(r"url\((#[^)]*)\)", whole.source)
    assert {reference.removeprefix("#") for reference in references} <= set(ids)


def test_charts_have_a_description_and_only_the_page_s_colours(whole):
    charts = re.findall(r"<svg.*?</svg>", whole.source, flags=re.DOTALL)
    kinds = [re.match(r'<svg class="(\w+)"', chart)[1] for chart in charts]
    assert kinds.count("wide") == kinds.count("narrow") == 8
    assert kinds.count("feeder") >= 4  # two moments at least, under two controllers
    for chart in charts:
        assert re.match(
            r'<svg class="(wide|narrow|feeder)" viewBox="[\d. ]+" role="img" aria-label="[^"]{20,}">', chart
        )
        assert not re.search(r"(fill|stroke): ?#|font-family", chart)
        assert set(re.findall(r"var\(--(\w+)\)", chart)) <= set(PALETTE)
        assert "nan" not in chart.lower()


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_text_stands_out_from_paper_as_wcag_asks(theme):
    def luminance(color: str) -> float:
        parts = np.array([int(color[at : at + 2], 16) for at in (1, 3, 5)]) / 255
        linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
        return float(linear @ [0.2126, 0.7152, 0.0722])

    paper = luminance(PALETTE["paper"][theme])
    card = luminance(PALETTE["card"][theme])
    for name in ("ink", "muted", "learned", "good", "bad"):
        text = luminance(PALETTE[name][theme])
        for background in (paper, card):
            low, high = sorted((text, background))
            assert (high + 0.05) / (low + 0.05) >= 4.5, name


def test_all_figures_of_the_summary_appear(sample, whole):
    digits = {"self_consumption": 1, "self_sufficiency": 1, "bill_eur": 2, "j_eur": 2}
    for figures in sample.summary["controllers"].values():
        for name, value in figures.items():
            if value is not None:
                scale = 100 if name.startswith("self_") else 1
                assert shown(value * scale, digits.get(name, 1)) in whole.text, name
    for text in (
        "0.66",
        "0.61 to 0.70",
        "1342",
        "4127",
        "48213",
        "55102",
        "44871",
        "16128000",
        sample.summary["scenario"]["sha256"],
    ):
        assert text in whole.text
    for text in (
        "train 11.0 min",
        "chain 38.8 s",
        "numba 0.68.0",
        "7, 20, 33",
        "2025-02-12, 2025-05-14",
        "21 members",
    ):
        assert text in whole.text


def test_every_controller_gets_the_score_of_its_cost(sample, whole):
    cost = {name: figures["j_eur"] for name, figures in sample.summary["controllers"].items()}
    for eur in cost.values():
        score = (cost["rule"] - eur) / (cost["rule"] - cost["optimum"])
        assert f"<td>{shown(score, 2)}</td>" in whole.source


def test_the_summary_says_what_was_gained(whole):
    assert "The learned agents went 66% of the way from a simple rule to perfect foresight" in whole.text
    assert "come to 1559 EUR together" in whole.text
    assert "1389 EUR with the learned agents: 171 EUR less." in whole.text
    assert "fell from 129 to 104 kW" in whole.text
    assert "All 1342 trades replayed on the chain’s market came out the same there" in whole.text


@pytest.mark.parametrize(
    ("score", "interval", "headline", "sentence"),
    [
        (
            -0.42,
            [-0.6, -0.2],
            "did worse than a simple rule",
            "below zero, so use the rule and not this policy",
        ),
        (
            -0.05,
            [-0.3, 0.2],
            "can’t yet be told apart from a simple rule",
            "the interval includes 0, so this may be luck",
        ),
        (
            0.08,
            [-0.1, 0.3],
            "can’t yet be told apart from a simple rule",
            "the interval includes 0, so this may be luck",
        ),
        (0.9, None, "went 90% of the way", "No interval was computed"),
        (1.3, [1.2, 1.4], "A score above its bound", "don’t use its figures"),
    ],
)
def test_the_words_are_honest_whatever_the_score(sample, tmp_path, score, interval, headline, sentence):
    page = sample.bare_page(tmp_path, set_score(score, interval))
    heading = re.search(r"<h1>(.*?)</h1>", page.source, flags=re.DOTALL)
    assert heading is not None
    assert headline in heading[1].replace(THIN_SPACE, "")
    assert sentence in page.text
    assert shown(score, 2) in page.text


def test_a_single_week_has_no_interval(sample, tmp_path):
    page = sample.bare_page(tmp_path, lambda summary: summary.update(weeks=[7], S_interval=[0.6587, 0.6587]))
    assert "No interval was computed" in page.text
    assert "95 %" not in page.text


@pytest.mark.parametrize(
    ("weeks", "samples", "words", "method"),
    [
        ([7], 1, "Over the test week, their bills", "Week of the year 7 "),
        (
            [7],
            3,
            "Over the 3 test weeks (the same week, with 3 draws of prices and cars), their bills",
            "Week of the year 7; each with 3 draws of prices and cars",
        ),
        ([7, 20], 1, "Over the 2 test weeks, their bills", "Weeks of the year 7, 20 "),
        (
            [7, 20],
            3,
            "Over the 6 test weeks (2 weeks of the year, each with 3 draws of prices and cars), their bills",
            "Weeks of the year 7, 20; each with 3 draws of prices and cars",
        ),
    ],
)
def test_sums_say_what_they_are_over(sample, tmp_path, weeks, samples, words, method):
    page = sample.bare_page(tmp_path, lambda summary: summary.update(weeks=weeks, samples=samples))
    assert words in page.text
    assert method in page.text
    played = len(weeks) * samples
    assert {1: "one week", 2: "both weeks together"}.get(played, f"all {played} weeks together") in page.text


def test_an_equal_bill_is_called_the_same(sample, tmp_path):
    page = sample.bare_page(
        tmp_path, lambda summary: summary["controllers"]["learned"].update(bill_eur=1559.4)
    )
    assert (
        "1559 EUR together when each follows a simple rule, and to the same with the learned agents."
        in page.text
    )


@pytest.mark.parametrize(
    ("export_peak_kw", "advice"),
    [(50.0, "Lower the import limits in the evening"), (225.0, "Lower the export limits around noon")],
)
def test_advice_on_overload_follows_its_direction(sample, tmp_path, export_peak_kw, advice):
    page = sample.bare_page(
        tmp_path,
        lambda summary: summary["controllers"]["learned"].update(export_peak_kw=export_peak_kw),
    )
    assert advice in page.text


def test_gas_in_all_is_told_where_actions_were_not_told_apart(sample, tmp_path):
    page = sample.bare_page(
        tmp_path, lambda summary: summary.update(chain={"transactions": 400, "gas_used": 20_000_000})
    )
    assert "400 transactions were sent to the chain and took 20000000 gas, 50000 each." in page.text


def test_one_point_makes_no_learning_curve(sample, tmp_path):
    page = sample.bare_page(
        tmp_path, lambda summary: summary.update(learning_curve=summary["learning_curve"][:1])
    )
    assert "Training was too short for a learning curve" in page.text


def test_a_higher_bill_is_called_more(sample, tmp_path):
    page = sample.bare_page(
        tmp_path, lambda summary: summary["controllers"]["learned"].update(bill_eur=1600.0, peak_kw=150.0)
    )
    assert "1600 EUR with the learned agents: 41 EUR more." in page.text
    assert "rose from 129 to 150 kW" in page.text


def test_what_is_missing_is_left_out_with_a_sentence(sample, tmp_path):
    def only_required(summary):
        for part in set(summary) - {"scenario", "controllers"}:
            del summary[part]
        del summary["scenario"]["transformer_kva"]
        summary["controllers"] = {"rule": {"bill_eur": 12.5, "j_eur": 14.25}}

    page = sample.bare_page(tmp_path, only_required)
    for sentence in (
        "No controller was scored in this run",
        "This run recorded no learning curve.",
        "This run kept no traces",
        "This run left no trades of the chain’s market.",
        "This run kept no bills by member",
        "No trade was replayed on the chain’s market.",
        "Whether energy and cash add up was not recorded.",
    ):
        assert sentence in page.text
    assert "14.25" in page.text
    assert "✓" not in page.text


def test_without_a_learned_policy_the_cheapest_other_controller_is_compared(sample, tmp_path):
    def no_policy(summary):
        del summary["controllers"]["learned"], summary["S"], summary["S_interval"]

    page = sample.bare_page(tmp_path, no_policy)
    assert "The controller “Zero intelligence” did worse than a simple rule" in page.text
    assert "1648 EUR with the controller “Zero intelligence”: 89 EUR more." in page.text
    assert "Train a policy and evaluate it on the same weeks." in page.text


@pytest.mark.parametrize("figure", ["null", "NaN"])
def test_a_figure_without_a_meaning_is_a_dash(sample, tmp_path, figure):
    sample.write_summary(tmp_path)
    path = tmp_path / "summary.json"
    path.write_text(path.read_text().replace('"traded_kwh": 0.0', f'"traded_kwh": {figure}'))
    assert "<td>–</td>" in sample.page(tmp_path).source


def test_failed_checks_are_red(sample, tmp_path):
    def break_books(summary):
        summary["parity"]["mismatches"] = 3
        summary["residuals"]["cash_neur"] = -17

    page = sample.bare_page(tmp_path, break_books)
    badges = re.findall(r'<li class="(\w+)"><strong>(.*?)</strong>', page.source)
    assert badges == [("bad", "✗ 3 mismatches"), ("good", "✓ 0 Wh"), ("bad", "✗ −17 nEUR")]
    assert "Of 1342 trades replayed on the chain’s market, 3 came out differently" in page.text
    assert "The books don’t close" in page.text
    assert "Find the error first" in page.text


def test_closed_books_are_green(whole):
    badges = re.findall(r'<li class="(\w+)"><strong>(.*?)</strong>', whole.source)
    assert badges == [("good", "✓ 0 mismatches"), ("good", "✓ 0 Wh"), ("good", "✓ 0 nEUR")]


def test_intervals_may_come_with_the_scores_of_all_controllers(sample, tmp_path):
    def with_scores(summary):
        del summary["S_interval"]
        summary["scores"] = {
            "learned": {"value": 0.6587, "low": 0.55, "high": 0.75},
            "nothing": {"value": -0.54, "low": None, "high": None},
        }

    page = sample.bare_page(tmp_path, with_scores)
    assert "95 % interval 0.55 to 0.75" in page.text


def test_the_same_run_gives_the_same_bytes(sample, whole_run, tmp_path):
    first = (whole_run / "report.html").read_bytes()
    assert write_report(sample.write_run(tmp_path / "demo")).read_bytes() == first


def test_text_of_a_run_can_t_become_markup(sample, tmp_path):
    def attack(summary):
        summary["scenario"]["title"] = "<script>alert(1)</script>"
        summary["controllers"]['"><script>'] = {"bill_eur": 1.0, "j_eur": 1.0}

    page = sample.bare_page(tmp_path, attack)
    assert "script" not in {tag for tag, _ in page.tags}
    assert "<script>alert(1)</script>" in page.text


def test_an_older_report_stays_whole_when_the_new_one_fails(sample, tmp_path):
    older = sample.bare_page(tmp_path).source
    sample.write_summary(tmp_path, lambda summary: summary.pop("controllers"))
    with pytest.raises(ReportError):
        write_report(tmp_path)
    assert (tmp_path / "report.html").read_text(encoding="utf-8") == older
    assert {path.name for path in tmp_path.iterdir()} == {"report.html", "summary.json"}


def test_nothing_half_written_is_left_when_the_page_can_t_be_put_in_place(sample, tmp_path):
    sample.write_summary(tmp_path)
    (tmp_path / "report.html").mkdir()
    with pytest.raises(OSError, match=r"report\.html"):
        write_report(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"report.html", "summary.json"}
