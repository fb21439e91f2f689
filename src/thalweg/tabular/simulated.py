"""The simulated California: a table like the housing data, drawn from geography, for where there is no network.

Same columns as the census table of 1990, same number of districts, the label from the place, 207 missing bedroom counts,
five districts on an island. Drawn with NumPy's frozen `RandomState`, so one seed is one table on every machine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .geography import BAY, BORDER, CITIES, COAST, ISLAND

if TYPE_CHECKING:
    import pandas as pd

DISTRICTS, ISLANDERS, MISSING_BEDROOMS = 20_640, 5, 207
KM_NORTH = 111.2        # kilometres in a degree of latitude
KM_EAST = 89.0          # and in one of longitude, in the middle of the state


def simulated_california(seed: int = 42) -> pd.DataFrame:
    """Draw the table.

    Returns 20,640 rows of nine numeric columns and `ocean_proximity`.

    >>> list(tf.tabular.simulated_california()["ocean_proximity"].value_counts().index[-1:])
    ['ISLAND']
    """
    import pandas as pd

    random = np.random.RandomState(seed)
    place, city, out_of_town = _places(random)
    proximity = _proximity(place)
    columns = _households(random, place, city, out_of_town)
    order = np.lexsort((place[:, 0], np.round(place[:, 1], 1)))     # as a census lists them: region by region
    bedrooms = columns["total_bedrooms"]
    bedrooms[random.permutation(DISTRICTS)[:MISSING_BEDROOMS]] = np.nan
    table = {"longitude": place[:, 0], "latitude": place[:, 1], **columns, "ocean_proximity": proximity}
    return pd.DataFrame({name: values[order] for name, values in table.items()})


# -- where -------------------------------------------------------------------------------------------------


def _places(random: np.random.RandomState) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Coordinates of every district, its city's index, and how far out of town it lies (1 is the town's radius)."""
    people = np.array([city[3] for city in CITIES], float)
    where = np.array([city[1:3] for city in CITIES])
    radius = 1.5 + 0.42 * np.sqrt(people)                           # kilometres; a quarter million people: 8 km
    home_of_island = [entry[0] for entry in CITIES].index("Redondo Beach")  # its prices are the coast's
    apart = np.hypot(*((where[:, None] - where) * (KM_EAST, KM_NORTH)).T)
    neighbours = np.argsort(apart, axis=1)[:, 1:6]
    place, home, distance = np.empty((0, 2)), np.empty(0, int), np.empty(0)
    while len(place) < DISTRICTS - ISLANDERS:
        city = random.choice(len(CITIES), size=DISTRICTS, p=people / people.sum())
        # A Student t: a dense middle, and a few districts far out.
        step = random.standard_normal((DISTRICTS, 2)) / np.sqrt(random.chisquare(3, size=DISTRICTS) / 3)[:, None]
        drawn = where[city] + step * radius[city][:, None] / (KM_EAST, KM_NORTH)
        # One district in ten lies in the country, along the road from a town (big or small) to a neighbour of its.
        rural = random.uniform(size=DISTRICTS) < 0.10
        town = random.randint(len(CITIES), size=DISTRICTS)
        neighbour = neighbours[town, random.randint(neighbours.shape[1], size=DISTRICTS)]
        share = random.uniform(size=(DISTRICTS, 1))
        road = where[town] * (1 - share) + where[neighbour] * share + 9 * step / (KM_EAST, KM_NORTH)
        drawn = np.round(np.where(rural[:, None], road, drawn), 2)
        city = np.where(rural, town, city)
        kept = _inside(drawn, COAST + BORDER) & ~_inside(drawn, BAY)
        place = np.concatenate([place, drawn[kept]])
        home = np.concatenate([home, city[kept]])
        distance = np.concatenate([distance, np.where(rural, 3, np.hypot(*step.T))[kept]])
    count = DISTRICTS - ISLANDERS
    island = np.round(np.array(ISLAND) + random.uniform(-0.015, 0.015, size=(ISLANDERS, 2)), 2)
    return (np.concatenate([place[:count], island]), np.append(home[:count], [home_of_island] * ISLANDERS),
            np.append(distance[:count], np.ones(ISLANDERS)))


def _proximity(place: np.ndarray) -> np.ndarray:
    """The label: a shore of the bay, the open coast, an hour's drive from it, or farther in."""
    ocean, bay = _distance(place, COAST), _distance(place, BAY + BAY[:1])
    south = place[:, 1] < 34.8
    label = np.full(len(place), "INLAND", dtype=object)
    label[ocean < np.where(south, 62, 52)] = "<1H OCEAN"
    label[ocean < np.where(south, 7.5, 16)] = "NEAR OCEAN"
    label[(bay < 17) & (place[:, 1] > 37.43)] = "NEAR BAY"
    label[-ISLANDERS:] = "ISLAND"
    return label


def _inside(place: np.ndarray, outline: tuple) -> np.ndarray:
    """Which points lie within the closed outline: a ray to the east crosses it an odd number of times."""
    corner = np.array(outline)
    (x0, y0), (x1, y1) = corner.T, np.roll(corner, -1, axis=0).T
    x, y = place[:, :1], place[:, 1:]
    straddles = (y0 > y) != (y1 > y)
    with np.errstate(divide="ignore", invalid="ignore"):
        crossing = x0 + (y - y0) * (x1 - x0) / (y1 - y0)
    return (straddles & (x < crossing)).sum(axis=1) % 2 == 1


def _distance(place: np.ndarray, line: tuple) -> np.ndarray:
    """Kilometres from each point to the nearest point of the line."""
    scale = (KM_EAST, KM_NORTH)
    corner, point = np.array(line) * scale, place[:, None, :] * scale
    start, along = corner[:-1], np.diff(corner, axis=0)
    share = np.clip(((point - start) * along).sum(-1) / (along ** 2).sum(-1), 0, 1)
    return np.sqrt(((point - start - share[..., None] * along) ** 2).sum(-1)).min(axis=1)


# -- who and how -------------------------------------------------------------------------------------------


def _households(random: np.random.RandomState, place: np.ndarray, city: np.ndarray, out: np.ndarray) -> dict:
    """Ages, counts, incomes and house values of every district."""
    count = len(place)
    size = np.array([entry[3] for entry in CITIES], float)[city]
    price_of_place = np.array([entry[4] for entry in CITIES])[city]
    shore = np.minimum(_distance(place, COAST), _distance(place, BAY + BAY[:1]))
    quarter = _quarters(random, place)                              # good and bad parts of every town

    # Big towns have old middles and new rims.
    age = 24 + 3.2 * np.log(size / 20) + 5 - 7 * np.log1p(out) + 10.5 * random.standard_normal(count)
    age = np.clip(np.round(age), 1, 52)

    income = np.exp(np.log(3.6) + 0.42 * np.log(price_of_place) + 0.22 * quarter - 0.006 * (age - 28)
                    + 0.30 * random.standard_normal(count))
    income = np.clip(np.round(income, 4), 0.4999, 15.0001)

    households = np.exp(np.log(415) - 0.010 * (age - 28) + 0.62 * random.standard_normal(count))
    households = np.clip(np.round(households), 3, 6082)
    rooms_each = np.exp(np.log(5.05) + 0.24 * np.log(income / 3.5) + 0.16 * random.standard_normal(count))
    people_each = np.exp(np.log(2.85) - 0.12 * np.log(income / 3.5) - 0.10 * quarter + 0.19 * random.standard_normal(count))
    people_each *= np.where(price_of_place < 0.7, 1.06, 1.0)
    bedrooms_each = np.exp(np.log(1.06) + 0.06 * random.standard_normal(count))

    by_the_sea = 0.30 * np.exp(-shore / 9) + 0.12 * np.exp(-shore / 35)
    value = np.exp(np.log(172_000) + 0.72 * np.log(price_of_place) + 0.66 * np.log(income / 3.5) + by_the_sea
                   + 0.16 * quarter + 0.0035 * (age - 28) - 0.10 * np.log(people_each / 2.85)
                   + 0.17 * random.standard_normal(count))
    value = np.where(value > 500_000, 500_001, np.clip(np.round(value / 100) * 100, 14_999, None))
    return {
        "housing_median_age": age,
        "total_rooms": np.maximum(2, np.round(households * rooms_each)),
        "total_bedrooms": np.maximum(1, np.round(households * bedrooms_each)),
        "population": np.maximum(3, np.round(households * people_each)),
        "households": households,
        "median_income": income,
        "median_house_value": value,
    }


def _quarters(random: np.random.RandomState, place: np.ndarray) -> np.ndarray:
    """A smooth random field of unit variance: waves of 6 to 60 kilometres in random directions."""
    waves = 24
    length = np.exp(random.uniform(np.log(6), np.log(60), size=waves))
    angle, phase = random.uniform(0, 2 * np.pi, size=(2, waves))
    direction = np.stack([np.cos(angle), np.sin(angle)]) * (2 * np.pi / length)
    return np.sqrt(2 / waves) * np.sin((place * (KM_EAST, KM_NORTH)) @ direction + phase).sum(axis=1)
