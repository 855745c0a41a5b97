"""How far coefficients are from the optimum, and the tolerance that brings them near enough."""
from processes import Absent, Failed

WANTED = 1e-6
TOLERANCES = [float(f"1e-{exponent}") for exponent in range(1, 15)]


def largest_relative_error(coefficients, exact):
    if len(coefficients) != len(exact):
        raise Failed(f"gave {len(coefficients)} numbers, not {len(exact)}")
    return max(abs(c - e) / abs(e) for c, e in zip(coefficients, exact))


def loosest_tolerance(fit, limit, wanted=WANTED, tolerances=TOLERANCES):
    """The loosest tolerance whose error is at most `wanted`, by bisection (a tighter tolerance is
    taken to give no larger error): (tolerance, error).

    @param fit  tolerance -> (seconds, error); may raise Failed, which ends the search
    @param limit  seconds that may be spent before anything is near enough
    @raises Absent  when none is near enough, or a tighter one gains nothing: the best that was seen
    """
    low, high = 0, len(tolerances)
    found, seen, spent = None, [], 0.0
    while low < high:
        middle = (low + high) // 2
        try:
            seconds, error = fit(tolerances[middle])
        except Failed as why:
            if found:
                break
            raise Absent(f"{why} at tolerance {tolerances[middle]:g}{best_of(seen)}") from why
        spent += seconds
        if error <= wanted:
            found, high = (tolerances[middle], error), middle
            continue
        gains_nothing = len(seen) > 0 and error > 0.9 * seen[-1][0]
        seen.append((error, seconds, tolerances[middle]))
        if not found and (gains_nothing or spent > limit):
            break
        low = middle + 1
    if not found:
        raise Absent(f"does not reach {wanted:g}{best_of(seen)}")
    return found


def best_of(seen):
    if not seen:
        return ""
    error, seconds, tolerance = min(seen)
    return f"; best: {error:.1e} after {seconds:.3g} s, tolerance {tolerance:g}"
