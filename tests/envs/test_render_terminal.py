"""The terminal view: lines in a pipe, a view in a terminal, at usual widths."""

import io
import re

import numpy as np
import pytest
from rich.console import Console

from gridbid.envs import fields
from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.compile import compile_community
from gridbid.envs.render.renderer import make_renderer
from gridbid.envs.render.scene import SceneReader
from gridbid.envs.render.terminal import TerminalRenderer, view

CODES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@pytest.fixture(scope="module")
def env():
    env = BatchEnv(compile_community("rural", [0]), 1, n_slots=96)
    env.reset(weeks=22, day=1)
    play(env, 40)
    return env


def play(env, steps, seed=0):
    random = np.random.default_rng(seed)
    for _ in range(steps):
        env.step(
            {
                kind: random.uniform(
                    -1.0, 1.0, (env.batch, len(names), *fields.action_space(kind).shape)
                ).astype(np.float32)
                for kind, names in env.agents.items()
            }
        )


def shown(env, width, height):
    console = Console(file=io.StringIO(), width=width, height=height, color_system=None)
    console.print(view(SceneReader(env).read(), width, height))
    return console.file.getvalue()


def test_a_pipe_gets_one_plain_line_a_step(capsys):
    env = BatchEnv("tiny", 1, n_slots=4)
    env.reset(weeks=22)
    renderer = make_renderer("human", env)
    for _ in range(3):
        play(env, 1)
        assert renderer.render() is None
    renderer.close()
    told = capsys.readouterr().out
    lines = told.splitlines()
    assert len(lines) == 3
    assert "\x1b" not in told
    assert [line.split(" | ")[0] for line in lines] == [
        "2016-05-30 00:15 slot 2/4",
        "2016-05-30 00:30 slot 3/4",
        "2016-05-30 00:45 slot 4/4",
    ]
    for word in ("fills", "bids", "asks", "retail", "feeder", "pu", "bill"):
        assert all(word in line for line in lines)


def test_a_terminal_gets_a_view_that_stays_in_place():
    env = BatchEnv("tiny", 1, n_slots=4)
    env.reset(weeks=22)
    console = Console(file=io.StringIO(), width=120, height=40, force_terminal=True)
    renderer = TerminalRenderer(env, console)
    for _ in range(3):
        play(env, 1)
        renderer.render()
    renderer.close()
    raw = console.file.getvalue()
    assert "\x1b[1A" in raw or "\x1b[2K" in raw
    told = CODES.sub("", raw)
    assert told.count("tiny, week 22") == 4  # three steps, and what is left when it closes
    assert "slot 4/4" in told.rsplit("tiny, week 22", 1)[1]
    assert raw.count("\x1b[?25l") == raw.count("\x1b[?25h") == 1


@pytest.mark.parametrize(("width", "height"), [(80, 50), (100, 45), (120, 40), (200, 60)])
def test_nothing_is_cut_at_usual_widths(env, width, height):
    told = shown(env, width, height)
    assert max(len(line.rstrip()) for line in told.splitlines()) <= width
    for name in ("prosumer_12", "battery_0", "ev_6"):
        assert name in told
    assert "…" not in told
    scene = SceneReader(env).read()
    for member in scene.members:
        assert f"{member.power_kw:+.2f}" in told
    assert f"{scene.rating_kva:.0f} kVA" in told
    assert f"{scene.bill_eur:.2f} EUR" in told


def test_members_beyond_the_screen_are_counted(env):
    told = shown(env, 120, 16)
    assert re.search(r"and \d+ more", told)
    assert "ev_6" not in told


def test_the_ladder_stands_with_asks_above_bids(env):
    told = shown(env, 80, 60)
    scene = SceneReader(env).read()
    ladder = told.split("book, feed-in")[1].split("fills of")[0]
    prices = [float(price) for price in re.findall(r"^\s*(-?\d+\.\d\d) ", ladder, re.MULTILINE)]
    expected = [level.price_ct for level in (*reversed(scene.asks[:5]), *scene.bids[:5])]
    assert prices == pytest.approx(expected, abs=0.005)
    assert len(prices) >= 2
    assert prices == sorted(prices, reverse=True)
