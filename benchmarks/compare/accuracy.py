"""How far coefficients are from the optimum, and the tolerance that brings them near enough."""
import math

from processes import Absent, Failed, TooSlow

WANTED = 1e-6
TOLERANCES = [float(f"1e-{exponent}") for exponent in range(1, 15)]


def largest_relative_error(coefficients, exact):
    if len(coefficients) != len(exact):
        raise Failed(f"gave {len(coefficients)} numbers, not {len(exact)}")
    if not all(map(math.isfinite, coefficients)):
        raise Failed("gave a number that is not finite")
    return max(abs(c - e) / abs(e) for c, e in zip(coefficients, exact))


def loosest_tolerance(fit, wanted=WANTED, tolerances=TOLERANCES):
    """The loosest tolerance whose error is at most `wanted`, by bisection (a tighter tolerance is
    taken to give no larger error and no shorter run): (tolerance, error).

    @param fit  tolerance -> (seconds, error); one that raises Failed is taken to be too tight
    @raises Failed  when none is near enough and some failed for another reason than their time
    @raises Absent  when none is near enough: the best that was seen
    """
    low, high = 0, len(tolerances)
    found, seen, failure, kind = None, [], "", Absent
    while low < high:
        middle = (low + high) // 2
        try:
            seconds, error = fit(tolerances[middle])
        except Failed as why:
            failure = f"; {why} at tolerance {tolerances[middle]:g}"
            kind = kind if isinstance(why, TooSlow) else Failed
            if found:
                low = middle + 1
            else:
                high = middle
            continue
        if error <= wanted:
            found, high = (tolerances[middle], error), middle
        else:
            seen.append((error, seconds, tolerances[middle]))
            low = middle + 1
    if not found:
        raise kind(f"does not reach {wanted:g}{best_of(seen)}{failure}")
    return found


def best_of(seen):
    if not seen:
        return ""
    error, seconds, tolerance = min(seen)
    return f"; best: {error:.1e} after {seconds:.3g} s, tolerance {tolerance:g}"
