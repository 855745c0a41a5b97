#pragma once

#include "steps/plot/canvas.hpp"
#include "steps/plot/pictures.hpp"

namespace gradstep::plot {

// One line for two classes; for more, one for each of them against the others. Of more than ten
// those with the least areas are named, which are told apart the worst.

/// True against false positive rates.
void draw_roc(Canvas& canvas, const Pictures& pictures);

/// Precision against recall.
void draw_precision_recall(Canvas& canvas, const Pictures& pictures);

/// How many rows of each class are taken for which.
void draw_confusion(Canvas& canvas, const Pictures& pictures);

}  // namespace gradstep::plot
