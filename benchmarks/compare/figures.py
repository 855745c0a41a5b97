"""Accuracy and AUC, as every training step prints them; and the rate, where it is chosen."""
from processes import Failed

NEAR = 1e-3  # of solvers that stop at their own default tolerances
SHORT = {"Regularization rate": "rate", "Accuracy": "accuracy", "AUC": "AUC"}


def figures(output):
    lines = (line.split(": ") for line in output.splitlines())
    try:
        found = {line[0]: float(line[1]) for line in lines if line[0] in SHORT}
    except (IndexError, ValueError):
        found = {}
    if not {"Accuracy", "AUC"} <= found.keys():
        raise Failed(f"printed no accuracy and AUC, but: {output.strip()[-200:]}")
    return found


def compare_figures(found, expected, near):
    if found.keys() != expected.keys() or not all(
            abs(found[key] - expected[key]) <= near for key in expected):
        raise Failed(f"other figures: {in_words(found)}, not {in_words(expected)}")


def in_words(found):
    return ", ".join(f"{SHORT[name]} {found[name]:.4f}" for name in SHORT if name in found)
