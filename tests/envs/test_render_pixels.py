"""Frames: their shape, the same for the same state, and what they show is what there is."""

import pickle
from dataclasses import replace

import numpy as np
import pytest

from gridbid.envs import fields
from gridbid.envs.batch_env import BatchEnv
from gridbid.envs.compile import compile_community
from gridbid.envs.faces.aec import aec_env
from gridbid.envs.render.names import short_name
from gridbid.envs.render.palette import ALARM, BUY, SELL, voltage_colour
from gridbid.envs.render.pixels import PixelRenderer
from gridbid.envs.render.renderer import RENDER_FPS, RENDER_MODES, make_renderer
from gridbid.envs.render.scene import SceneReader
from gridbid.market.conservation import residuals
from gridbid.market.errors import InputError
from gridbid.market.types import Side


@pytest.fixture(scope="module")
def rural():
    return compile_community("rural", [0, 1])


def with_rounds(compiled, rounds):
    rules = compiled.community.rules._replace(rounds=rounds)
    return replace(compiled, community=compiled.community._replace(rules=rules))


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


@pytest.mark.parametrize("scenario", ["tiny", "rural"])
def test_a_frame_is_an_image_from_the_reset_to_the_end(scenario):
    env = BatchEnv(scenario, 2, n_slots=3)
    renderer = make_renderer("rgb_array", env)
    env.reset(weeks=22)
    frames = [renderer.render()]
    for _ in range(3):
        play(env, 1)
        frames.append(renderer.render())
    for frame in frames:
        assert frame.shape == (540, 960, 3)
        assert frame.dtype == np.uint8
    assert len({frame.tobytes() for frame in frames}) == 4
    renderer.close()


def test_the_same_state_gives_the_same_pixels(rural):
    env = BatchEnv(rural, 1, n_slots=12)
    env.reset(weeks=22)
    play(env, 6)
    first = make_renderer("rgb_array", env).render()
    twin = pickle.loads(pickle.dumps(env))
    assert make_renderer("rgb_array", twin).render().tobytes() == first.tobytes()
    renderer = PixelRenderer(env)
    assert renderer.render().tobytes() == renderer.render().tobytes() == first.tobytes()


def test_a_frame_is_its_owners_to_keep(rural):
    env = BatchEnv(rural, 1, n_slots=12)
    env.reset(weeks=22)
    renderer = PixelRenderer(env)
    frame = renderer.render()
    kept = frame.copy()
    play(env, 3)
    renderer.render()
    assert frame.tobytes() == kept.tobytes()


def test_looking_changes_nothing(rural):
    looked, alone = (BatchEnv(rural, 1, n_slots=6) for _ in range(2))
    renderer = PixelRenderer(looked)
    for env in (looked, alone):
        env.reset(weeks=22)
    for _ in range(6):
        renderer.render()
        play(looked, 1)
        play(alone, 1)
    for mine, other in zip(looked.engine.snapshot(), alone.engine.snapshot(), strict=True):
        assert mine.tobytes() == other.tobytes()


def test_the_transformers_bar_warns_of_overload(rural):
    env = BatchEnv(rural, 1, n_slots=4)
    env.reset(weeks=22)
    renderer = PixelRenderer(env)
    play(env, 2)
    bar = (slice(69, 78), slice(345, 570))
    for kw, colour in ((100.0, BUY), (-100.0, SELL), (400.0, ALARM), (-400.0, ALARM)):
        env.engine.state.delivered.feeder_kw[0] = kw
        assert (renderer.render()[bar] == colour).all(axis=-1).sum() > 300, kw


# --- what a scene holds


@pytest.mark.parametrize("rounds", [1, 3])
def test_a_scene_is_the_engines_state(rural, rounds):
    env = BatchEnv(with_rounds(rural, rounds), 2, n_slots=8)
    env.reset(weeks=22)
    reader = SceneReader(env)
    for _ in range(8 * rounds):
        play(env, 1)
        scene, state = reader.read(), env.engine.state
        fills_wh = state.fills.quantity_wh[0, : state.fills.fills[0]].sum()
        assert round(sum(trade.energy_kwh for trade in scene.trades) * 1000) == fills_wh
        assert scene.feeder_kw == state.delivered.feeder_kw[0]
        assert scene.bill_eur == pytest.approx(-state.totals.cash_neur[0].sum() / 1e9)
        resting = state.books.quantity_wh[0]
        if resting.any():
            for levels, side in ((scene.bids, Side.BUY), (scene.asks, Side.SELL)):
                shown = round(sum(level.energy_kwh for level in levels) * 1000)
                assert shown == resting[state.books.side[0] == side].sum()
        assert [level.price_ct for level in scene.bids] == sorted(
            (b.price_ct for b in scene.bids), reverse=True
        )
        assert [level.price_ct for level in scene.asks] == sorted(a.price_ct for a in scene.asks)
        if scene.bids and scene.asks:
            assert scene.bids[0].price_ct < scene.asks[0].price_ct
    assert scene.slots_done == scene.n_slots == 8
    assert residuals(env.engine)["cash_neur"] == 0


def test_nothing_of_the_last_episode_is_seen_in_the_next(rural):
    env = BatchEnv(rural, 1, n_slots=4)
    reader = SceneReader(env)
    env.reset(weeks=22)
    play(env, 4)
    assert reader.read().trades
    env.reset(weeks=22)
    scene = reader.read()
    assert (scene.trades, scene.bids, scene.asks, scene.bill_eur) == ((), (), (), 0.0)
    assert scene.delivered_at is None


def test_between_two_turns_the_book_is_the_one_that_stands_there(rural):
    env = aec_env(rural, n_slots=3)
    env.reset(options={"week": 22})
    reader = SceneReader(env.batch, in_turns=True)
    random, most_levels = np.random.default_rng(0), 0
    for _ in range(3 * len(env.possible_agents) - 1):
        env.step(random.uniform(-1.0, 1.0, env.action_space(env.agent_selection).shape).astype(np.float32))
        scene = reader.read()
        shown = round(sum(level.energy_kwh for level in (*scene.bids, *scene.asks)) * 1000)
        assert shown == env.batch.engine.state.books.quantity_wh[0].sum()
        most_levels = max(most_levels, len(scene.bids) + len(scene.asks))
    assert most_levels > 3


# --- words and colours


def test_modes_are_those_that_are_told():
    env = BatchEnv("tiny", 1)
    for mode in RENDER_MODES:
        make_renderer(mode, env).close()
    with pytest.raises(InputError, match="'svg' is none of human, rgb_array"):
        make_renderer("svg", env)
    assert RENDER_FPS > 0


def test_voltages_run_from_blue_over_pale_to_orange():
    low, middle, high, unknown = (voltage_colour(pu) for pu in (0.8, 1.0, 1.2, float("nan")))
    assert low[2] > low[0] and high[0] > high[2]
    assert min(middle) > 200
    assert voltage_colour(0.9) == low and voltage_colour(1.1) == high
    assert len({low, middle, high, unknown}) == 4


@pytest.mark.parametrize(
    ("name", "short"), [("prosumer_12", "p12"), ("ev_0", "e0"), ("Bakery", "Bakery"), ("town_hall", "town_h")]
)
def test_names_fit_under_a_dot(name, short):
    assert short_name(name) == short
