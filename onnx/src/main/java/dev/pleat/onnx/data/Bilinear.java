package dev.pleat.onnx.data;

/**
 * Bilinear resizing with pixel centres at halves and edges repeated, as ONNX's Resize does by
 * default in its linear mode. There is no smoothing when it shrinks.
 *
 * @param image the image
 * @param channel the channel that is read
 * @param size the new size
 */
record Bilinear(Image image, int channel, ImageSize size) {

  /** The value at a pixel of the resized image, in [0, 255]. */
  double at(int row, int column) {
    double y = source(row, image.height(), size.height());
    double x = source(column, image.width(), size.width());
    int top = (int) y;
    int left = (int) x;
    int bottom = Math.min(top + 1, image.height() - 1);
    int right = Math.min(left + 1, image.width() - 1);
    double upper = mix(image.value(channel, top, left), image.value(channel, top, right), x - left);
    double lower =
        mix(image.value(channel, bottom, left), image.value(channel, bottom, right), x - left);
    return mix(upper, lower, y - top);
  }

  private static double source(int to, int from, int size) {
    double centre = (to + 0.5) * from / size - 0.5;
    return Math.max(0, Math.min(from - 1.0, centre));
  }

  private static double mix(double a, double b, double share) {
    return a + (b - a) * share;
  }
}
