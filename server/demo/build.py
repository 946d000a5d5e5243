"""Draws the whole province into a World, step by step."""

import numpy as np

from config.divisions import Divisions
from server.demo import boundaries as frontiers
from server.demo.controls import add_controls
from server.demo.divisions import add_divisions
from server.demo.facilities import add_facilities
from server.demo.lattice import draw
from server.demo.networks import add_networks
from server.demo.places import RECORDED, TOWNS
from server.demo.plans import Sheet, add_plan, add_tugui
from server.demo.planting import differences
from server.demo.planting.border import plant_border
from server.demo.planting.change import plant_change
from server.demo.planting.growth import plant_growth
from server.demo.planting.lines import plant_lines
from server.demo.planting.permits import plant_chains, plant_permits
from server.demo.planting.sites import (
    name_hospital,
    plant_hospital,
    plant_school,
    plant_steel,
    plant_without_data,
)
from server.demo.planting.tables import plant_tables
from server.demo.planting.west import plant_west
from server.demo.planting.zones import finish_boundary, plant_upper, plant_zones
from server.demo.plots import free_plots
from server.demo.scenes import draw_scenes
from server.demo.today import add_today, buildings
from server.demo.world import PLAN_2016, World
from server.demo.zoning import zone


def build(divisions: Divisions, seed: int = 2017, *, real: bool | None = None) -> World:
    rng = np.random.default_rng(seed)
    world = World(rng, frontiers.load(divisions, real))
    world.towns = [zone(draw(town, rng), rng) for town in TOWNS]
    world.reserved = [zoned.lattice.hull for zoned in world.towns]
    scenes = draw_scenes(world)
    sheets = [Sheet(zoned) for zoned in world.towns]
    plots = free_plots(world.boundaries, RECORDED, world.reserved, rng)
    for sheet in sheets:
        add_plan(world, sheet)
    groups = differences.plan_differences(world, sheets)
    differences.plan_slivers(world, sheets)
    for sheet in sheets:
        add_tugui(world, sheet)
    towns = add_controls(world, sheets, scenes)
    differences.record(world, sheets, groups, plots)
    plant_lines(world, plots)
    add_facilities(world, sheets, plots)
    add_networks(world, sheets)
    plant_zones(world, towns, scenes, plots)
    plant_upper(world, plots)
    plant_steel(world)
    plant_without_data(world)
    vacant = plant_hospital(world, sheets[0], plant_school(world, sheets[0]))
    add_divisions(world, divisions)
    name_hospital(world, add_today(world, sheets, scenes, plots, vacant))
    reserved = plant_change(world, sheets[0], set())
    plant_permits(world, sheets, plots, reserved)
    plant_chains(world, sheets, plots, reserved)
    plant_growth(world, sheets[0])
    plant_border(world)
    finish_boundary(world, plots)
    plant_tables(world)
    plant_west(world)
    for batch in buildings(world, sheets):
        world.extend("current-building", PLAN_2016, batch)
    return world
