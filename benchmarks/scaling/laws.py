"""Laws fitted to measured times."""
from dataclasses import dataclass

import numpy as np
from scipy.optimize import nnls


@dataclass
class Law:
    """A sum of terms: seconds = coefficients . terms."""

    names: list
    coefficients: list
    residuals: list  # of each point: (law - measured) / measured

    def seconds(self, terms):
        return float(np.dot(self.coefficients, terms))

    def worst(self):
        return max(map(abs, self.residuals))


def fit_law(names, terms, seconds):
    """The coefficients, none below 0, that minimise the sum of the squared relative errors, so that
    a point of a millisecond counts as much as one of a minute.

    @param terms    of each point, a number for each name
    @param seconds  measured, > 0, more of them than names, or the law would say nothing
    """
    terms, seconds = np.asarray(terms, float), np.asarray(seconds, float)
    if len(seconds) <= len(names):
        raise ValueError(f"{len(seconds)} points are too few for {len(names)} coefficients")
    relative = terms / seconds[:, None]
    size = np.linalg.norm(relative, axis=0)  # the columns differ by ten powers of ten
    size[size == 0] = 1
    scaled, _ = nnls(relative / size, np.ones(len(seconds)))
    coefficients = scaled / size
    residuals = relative @ coefficients - 1
    return Law(list(names), coefficients.tolist(), residuals.tolist())
