"""Two made-up spaces that share nothing but three categories: which permutation notices?

Needs: pip install numpy
"""

import numpy as np

numbers = np.random.default_rng(1)
categories = np.repeat([0, 1, 2], 10)
i, j = np.triu_indices(len(categories), 1)
category = (categories[i] != categories[j]).astype(float)  # 0: same category, 1: two categories


def space():
    """A direction for each category, and noise of the same length."""
    directions = numbers.standard_normal((3, 50))
    return directions[categories] + numbers.standard_normal((len(categories), 50))


def dissimilarities(vectors):
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return 1 - units @ units.T


def partial(x, y, given):
    """Correlation of x and y, once a straight line in `given` is taken off both."""
    xy, xg, yg = np.corrcoef(x, y)[0, 1], np.corrcoef(x, given)[0, 1], np.corrcoef(y, given)[0, 1]
    return (xy - xg * yg) / np.sqrt((1 - xg**2) * (1 - yg**2))


def order(within):
    """The words in a new order; within: no word leaves its category."""
    if not within:
        return numbers.permutation(len(categories))
    places = np.arange(len(categories))
    for c in np.unique(categories):
        places[categories == c] = numbers.permutation(places[categories == c])
    return places


alarms = {True: 0, False: 0}
for _ in range(100):
    first, second = dissimilarities(space()), dissimilarities(space())
    observed = partial(first[i, j], second[i, j], category)
    for within in alarms:
        orders = [order(within) for _ in range(39)]
        null = [partial(first[i, j], second[o[i], o[j]], category) for o in orders]
        alarms[within] += (1 + sum(value >= observed for value in null)) / 40 <= 0.05

print("unrelated spaces called agreeing, of 100, by a test that promises 5:")
print(f"  words permuted freely:            {alarms[False]}")
print(f"  words permuted within categories: {alarms[True]}")
