"""A line of a picture: points that were measured, and the law that they follow."""
import statistics
from dataclasses import asdict

from laws import fit_law


def point(row, **of_what):
    """What came of a contender (contenders.Row), and what it worked on; with in_law=False no law
    is fitted to it."""
    return {**of_what, **asdict(row)}


def series(question, title, x, points, names, terms):
    """@param x      the name of the points' number that is drawn along
    @param names  of the law's terms, units included; none: no law
    @param terms  point -> a number for each name
    """
    found = {"question": question, "title": title, "x": x, "points": points, "law": None}
    usable = in_law(found)
    if names and len(usable) > len(names):
        law = fit_law(names, [terms(one) for one in usable], [seconds(one) for one in usable])
        found["law"] = asdict(law) | {
            "seconds": [law.seconds(terms(one)) for one in usable]}
    return found


def measured(one):
    return [found for found in one["points"] if found["runs"] and not found["absent"]]


def in_law(one):
    """The points that its law, if it has one, is fitted to."""
    return [found for found in measured(one) if found.get("in_law", True)]


def seconds(found, key="wall"):
    """The median."""
    return statistics.median(run[key] for run in found["runs"])


def threads_in_words(count):
    return "1 thread" if count == 1 else f"{count} threads"


def reads(found):
    """Passes, Hessians and reads of the sample, of its first fit: they are the same in all."""
    return found["runs"][0]["reads"]
