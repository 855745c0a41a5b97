#include "steps/plot/png.hpp"

#include <png.h>

#include <stdexcept>

namespace gradstep::plot {

std::string png_file(const std::vector<unsigned char>& rgb, int width, int height) {
  std::string bytes(rgb.size() / 8, '\0');  // pictures of lines and letters take less
  for (;;) {
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    image.width = static_cast<png_uint_32>(width);
    image.height = static_cast<png_uint_32>(height);
    image.format = PNG_FORMAT_RGB;
    image.flags = PNG_IMAGE_FLAG_FAST;
    png_alloc_size_t size = bytes.size();
    const bool written =
        png_image_write_to_memory(&image, bytes.data(), &size, 0, rgb.data(), 0, nullptr) != 0;
    const bool had_room = size <= bytes.size();
    if (!written && had_room) throw std::runtime_error(image.message);
    bytes.resize(size);
    if (written) return bytes;
  }
}

}  // namespace gradstep::plot
