# %% [markdown]
# # Representational similarity analysis of your words
#
# This notebook was made by the RSA lab of Word Spaces. The second cell of code holds your words, their categories, and their vectors in
# the two spaces that you chose, exactly as the page had them: turned, which changes no cosine and no distance, and rounded for transfer.
# In tests with 20 words or more no coefficient and no p moved by more than 0.005; an end of an interval can move a little more. All else
# is computed here, by the same definitions and with the same shuffles, so the numbers are those of the page.
#
# It needs NumPy and SciPy. Where rsatoolbox or Matplotlib are installed, they are used for a cross-check and for pictures.

# %%
import base64
import math

import numpy as np
from scipy.spatial.distance import pdist
from scipy.stats import kendalltau, rankdata

# %%
# The page writes this cell. Here, four words in two invented spaces stand for yours.
ADDRESS = ""
WORDS = ["moon", "star", "pear", "plum"]
CATEGORIES = ["space", "space", "fruit", "fruit"]
MEASURE = "cosine"
SHUFFLE_WITHIN = False
DRAWS, SEED, LEVEL = 100, 11, 0.95
SPACES = {
    "one space": {"axes": 3, "float32": "zczMPQAAoEAAAAAAzcxMPgAAgEAAAEBAzczMPQAAgL8AAIBAmpmZPgAAAAAAAKBA"},
    "another": {"axes": 3, "float32": "AAAAAAAAoMAAAAAAzczMPZqZGcAzMzM/zcxMPgAAQEAAAIBAzczMPQAAgD8AAIBA"},
}

# %%
VECTORS = {
    name: np.frombuffer(base64.b64decode(space["float32"]), dtype="<f4").reshape(len(WORDS), space["axes"]).astype(np.float64)
    for name, space in SPACES.items()
}
first_name, second_name = VECTORS
for name, vectors in VECTORS.items():
    print(f"{name}: {vectors.shape[0]} words, {vectors.shape[1]} axes")

# %% [markdown]
# ## Step one: inside each space
#
# A pair vector holds one dissimilarity for each pair of words: (0,1), (0,2), ..., (1,2), ... The first axis of the vectors points along
# (1, 1, ..., 1) of the model's own axes. Leaving it out takes off each vector's mean over its dimensions, which is what a correlation does.


# %%
def dissimilarities(vectors, measure):
    if measure == "euclidean":
        return pdist(vectors)
    if measure == "correlation":
        vectors = vectors[:, 1:]
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return 1 - (units @ units.T)[np.triu_indices(len(units), 1)]


i, j = np.triu_indices(len(WORDS), 1)
first, second = (dissimilarities(vectors, MEASURE) for vectors in VECTORS.values())
category = (np.array(CATEGORIES)[i] != np.array(CATEGORIES)[j]).astype(float)
print(f"{len(first)} pairs, {int((category == 0).sum())} of them within a category")

# %% [markdown]
# ## Step two: between the spaces
#
# Pearson, Spearman and rho-a are inner products of scores; tau-a is the share of concordant minus the share of discordant pairs of pairs.

# %%
COEFFICIENTS = ["pearson", "spearman", "rho_a", "tau_a"]


def unit(values):
    centred = values - values.mean()
    length = np.linalg.norm(centred)
    return centred / length if length > 1e-12 * max(1, np.abs(values).max()) else np.zeros(len(values))


def scores(name, pairs):
    m = len(pairs)
    if name == "pearson":
        return unit(pairs)
    if name == "spearman":
        return unit(rankdata(pairs))
    return (rankdata(pairs) - (m + 1) / 2) * math.sqrt(12 / (m**3 - m))


def tied_pairs(values):
    counts = np.unique(values, return_counts=True)[1]
    return (counts * (counts - 1) / 2).sum()


def tau_a(one, other):
    pairs = len(one) * (len(one) - 1) / 2
    untied = math.sqrt((pairs - tied_pairs(one)) * (pairs - tied_pairs(other))) if pairs else 0
    return kendalltau(one, other, method="asymptotic").statistic * untied / pairs if untied else 0.0


def coefficient(name, one, other):
    return tau_a(one, other) if name == "tau_a" else float(scores(name, one) @ scores(name, other))


def ceiling(name, model):
    """The most that values without ties can reach against the categories."""
    if name == "pearson":
        return 1.0
    best = np.empty(len(model))
    best[np.argsort(model, kind="stable")] = np.arange(len(model))
    return coefficient(name, best, model)


RESULTS = {"between": {name: {"value": coefficient(name, first, second)} for name in COEFFICIENTS}}
for name in COEFFICIENTS:
    print(f"{name:9} {RESULTS['between'][name]['value']:.3f}")

# %% [markdown]
# ## Shuffled words
#
# A small generator of random numbers (sfc32) that is the same in every language, so that the shuffles are those of the page.


# %%
class RandomNumbers:
    def __init__(self, seed):
        self.state = [0, seed, 0, 1]
        for _ in range(15):
            self.next()

    def next(self):
        a, b, c, counter = self.state
        mask = 0xFFFFFFFF
        total = (a + b + counter) & mask
        turned = ((c << 21) | (c >> 11)) & mask
        self.state = [b ^ (b >> 9), (c + (c << 3)) & mask, (turned + total) & mask, (counter + 1) & mask]
        return total

    def below(self, n):
        return int(self.next() / 4294967296 * n)


def shuffled_orders(groups=None):
    """[draw, word]: Fisher-Yates, from the last place down, within each group."""
    numbers, words = RandomNumbers(SEED), len(WORDS)
    groups = [0] * words if groups is None else groups
    places = [[word for word in range(words) if groups[word] == group] for group in dict.fromkeys(groups)]
    orders = np.tile(np.arange(words), (DRAWS, 1))
    for order in orders:
        for place in places:
            for n in range(len(place) - 1, 0, -1):
                one, other = place[n], place[numbers.below(n + 1)]
                order[one], order[other] = order[other], order[one]
    return orders


def matrix_of(pairs):
    matrix = np.zeros((len(WORDS), len(WORDS)))
    matrix[i, j] = matrix[j, i] = pairs
    return matrix


def null_values(name, one, other, orders):
    """The coefficient after each shuffle of the words of `other`."""
    matrix = matrix_of(other if name == "tau_a" else scores(name, other))
    found = []
    for block in np.array_split(orders, max(1, len(orders) * len(one) // 2_000_000)):
        shuffled = matrix[block[:, i], block[:, j]]
        found.append([tau_a(one, pairs) for pairs in shuffled] if name == "tau_a" else shuffled @ scores(name, one))
    return np.concatenate(found)


def p_value(observed, null):
    """The observed order counts as one of the shuffles, so p is never 0 (Phipson & Smyth 2010)."""
    return (1 + np.count_nonzero(null >= observed - 1e-12)) / (1 + len(null))


free_orders = shuffled_orders()
within_orders = shuffled_orders(CATEGORIES)
orders = within_orders if SHUFFLE_WITHIN else free_orders
for name in COEFFICIENTS:  # tau_a takes its time
    result = RESULTS["between"][name]
    result["p"] = p_value(result["value"], null_values(name, first, second, orders))
    print(f"{name:9} p = {result['p']:.4f}")

# %% [markdown]
# ## Resampled words
#
# As many words as there are, drawn with replacement. A pair stands as often as the product of its words' counts; a word makes no pair with
# its own copy.


# %%
def drawn_counts():
    numbers, words = RandomNumbers(SEED), len(WORDS)
    counts = np.zeros((DRAWS, words), dtype=int)
    for row in counts:
        for _ in range(words):
            row[numbers.below(words)] += 1
    return counts


counts = drawn_counts()
for name in COEFFICIENTS:
    values = []
    for row in counts:
        weights = row[i] * row[j]
        values.append(coefficient(name, np.repeat(first, weights), np.repeat(second, weights)) if weights.sum() > 1 else 0.0)
    low, high = np.quantile(values, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    RESULTS["between"][name] |= {"low": float(low), "high": float(high)}
    print(f"{name:9} {RESULTS['between'][name]['value']:.3f}, {LEVEL:.0%} interval {low:.3f} to {high:.3f}")

# %% [markdown]
# ## The categories
#
# Three indices of category selectivity share one test: shuffled labels rank them alike. "Reachable" is the best that values without ties
# can do against a matrix of two values.

# %%
within, across = category == 0, category == 1
if within.any() and across.any():
    RESULTS["selectivity"], RESULTS["categories"] = {}, {}
    for name, pairs in zip(VECTORS, (first, second), strict=True):
        difference = pairs[across].mean() - pairs[within].mean()
        squares = sum(((part - part.mean()) ** 2).sum() for part in (pairs[within], pairs[across]))
        pooled = math.sqrt(squares / (len(pairs) - 2))
        r = coefficient("pearson", pairs, category)
        RESULTS["selectivity"][name] = {
            "difference": float(difference),
            "cohens_d": float(difference / pooled) if pooled else 0.0,
            "pearson": r,
            "p": p_value(r, null_values("pearson", pairs, category, free_orders)),
        }
        print(name, {key: round(value, 4) for key, value in RESULTS["selectivity"][name].items()})
    for name in COEFFICIENTS:
        values = [coefficient(name, pairs, category) for pairs in (first, second)]
        RESULTS["categories"][name] = {"first": values[0], "second": values[1], "ceiling": ceiling(name, category)}
        print(f"{name:9} {values[0]:.3f} {values[1]:.3f}, reachable {RESULTS['categories'][name]['ceiling']:.3f}")

# %% [markdown]
# Do the spaces agree on anything beyond the categories? A partial correlation, tested by shuffles within categories.


# %%
def partial(both, one, other):
    left = (1 - one**2) * (1 - np.asarray(other) ** 2)
    explained = left < 1e-12
    return np.where(explained, 0, (both - one * np.asarray(other)) / np.sqrt(np.where(explained, 1, left)))


if within.any() and across.any():
    RESULTS["partial"] = {}
    for name in ("pearson", "spearman"):
        with_first = coefficient(name, first, category)
        value = float(partial(coefficient(name, first, second), with_first, coefficient(name, second, category)))
        null = partial(null_values(name, first, second, within_orders), with_first, null_values(name, category, second, within_orders))
        RESULTS["partial"][name] = {"value": value, "p": p_value(value, null)}
        print(f"{name:9} {value:.3f}, p = {RESULTS['partial'][name]['p']:.4f}")

# %% [markdown]
# ## Cross-check and pictures, where the packages are there

# %%
try:
    from rsatoolbox.rdm import RDMs, compare
except ImportError:
    print("rsatoolbox is not installed: no cross-check")
else:
    for name, method in {"pearson": "corr", "spearman": "spearman", "rho_a": "rho-a", "tau_a": "tau-a"}.items():
        theirs = float(compare(RDMs(first[None]), RDMs(second[None]), method).item())
        print(f"{name:9} {theirs:.6f} (rsatoolbox), {RESULTS['between'][name]['value']:.6f} (here)")

# %%
try:
    import matplotlib.pyplot as plt
except ImportError:
    print("Matplotlib is not installed: no pictures")
else:
    figure, axes = plt.subplots(1, 3, figsize=(14, 4.5))
    for axis, name, pairs in zip(axes, VECTORS, (first, second), strict=False):
        axis.imshow(matrix_of(pairs))
        axis.set_title(name)
    axes[2].scatter(first, second, s=4, c=category)
    axes[2].set(xlabel=first_name, ylabel=second_name, title=f"r = {RESULTS['between']['pearson']['value']:.3f}")
    figure.tight_layout()
