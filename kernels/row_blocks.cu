#include "kernels/core/error.hpp"
