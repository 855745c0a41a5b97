#pragma once

#include "steps/plot/canvas.hpp"
#include "steps/plot/pictures.hpp"

namespace gradstep::plot {

/// The mean score of each rate, with bars of one standard error to either side.
void draw_cross_validation(Canvas& canvas, const PathPictures& pictures);

/// How each coefficient goes to zero while the rate rises; the largest ones are named.
void draw_coefficient_path(Canvas& canvas, const PathPictures& pictures);

}  // namespace gradstep::plot
