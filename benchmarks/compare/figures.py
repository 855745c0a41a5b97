"""Accuracy and AUC, as every training step prints them."""
from processes import Failed

NEAR = 1e-3  # of solvers that stop at their own default tolerances


def figures(output):
    lines = (line.split(": ") for line in output.splitlines())
    try:
        found = {line[0]: float(line[1]) for line in lines if line[0] in ("Accuracy", "AUC")}
    except (IndexError, ValueError):
        found = {}
    if len(found) != 2:
        raise Failed(f"printed no accuracy and AUC, but: {output.strip()[-200:]}")
    return found


def compare_figures(found, expected, near):
    if not all(abs(found[key] - expected[key]) <= near for key in expected):
        raise Failed(f"other figures: {in_words(found)}, not {in_words(expected)}")


def in_words(found):
    return f"accuracy {found['Accuracy']:.4f}, AUC {found['AUC']:.4f}"
