package dev.pleat.onnx.procedural;

import dev.pleat.core.cluster.SplitMix64;

/**
 * Lines of marks like writing: short strokes of one width in cells of one size, dark on light or
 * light on dark.
 */
final class Strokes {
  private final Canvas canvas;
  private final SplitMix64 random;

  Strokes(Canvas canvas, SplitMix64 random) {
    this.canvas = canvas;
    this.random = random;
  }

  /** Writes over the picture, in a few paragraphs or one line. */
  void write(Palette palette) {
    boolean dark = random.nextDouble() < 0.7;
    float[] ink = palette.next(dark ? 0.35 * random.nextDouble() : 1 - 0.35 * random.nextDouble());
    double smaller = Math.min(canvas.height(), canvas.width());
    // A wide strip is one line of writing; anything else is a page with lines of several sizes.
    boolean strip = Math.max(canvas.height(), canvas.width()) >= 3 * smaller;
    double y = strip ? smaller * (0.05 + 0.15 * random.nextDouble()) : 0.05 * smaller;
    while (y < canvas.height()) {
      double size =
          strip
              ? smaller * (0.5 + 0.35 * random.nextDouble())
              : Math.max(6, smaller * 0.5 * StrictMath.exp(-3 * random.nextDouble()));
      if (y + size > canvas.height()) {
        break;
      }
      line(ink, y, size);
      y += size * (1.1 + 1.5 * random.nextDouble() * random.nextDouble());
    }
  }

  private void line(float[] ink, double top, double size) {
    double weight = Math.max(0.6, size * (0.04 + 0.08 * random.nextDouble()));
    double x = canvas.width() * 0.3 * random.nextDouble() * random.nextDouble();
    double end = canvas.width() * (1 - 0.6 * random.nextDouble() * random.nextDouble());
    double advance = size * (0.45 + 0.45 * random.nextDouble());
    while (x + advance < end) {
      if (random.nextDouble() < 0.85) {
        mark(ink, x, top, advance * 0.8, size, weight);
      }
      x += advance * (0.9 + 0.2 * random.nextDouble());
    }
  }

  /** A few strokes between places of a grid of three by four, straight or bent. */
  private void mark(
      float[] ink, double left, double top, double width, double height, double weight) {
    int strokes = 2 + random.nextInt(3);
    for (int s = 0; s < strokes; s++) {
      double x0 = left + width * random.nextInt(3) / 2;
      double y0 = top + height * random.nextInt(4) / 3.6;
      double x1 = left + width * random.nextInt(3) / 2;
      double y1 = top + height * random.nextInt(4) / 3.6;
      double bend = random.nextDouble() < 0.5 ? 0 : 0.5 * (random.nextDouble() - 0.5);
      stroke(ink, x0, y0, x1, y1, bend, weight);
    }
  }

  private void stroke(
      float[] ink, double x0, double y0, double x1, double y1, double bend, double weight) {
    double length = Math.hypot(x1 - x0, y1 - y0);
    int steps = 1 + (int) (2 * length);
    for (int i = 0; i <= steps; i++) {
      double t = (double) i / steps;
      double off = 4 * t * (1 - t) * bend;
      dot(ink, x0 + t * (x1 - x0) - off * (y1 - y0), y0 + t * (y1 - y0) + off * (x1 - x0), weight);
    }
  }

  private void dot(float[] ink, double atX, double atY, double radius) {
    int left = Math.max(0, (int) Math.ceil(atX - radius));
    int right = Math.min(canvas.width() - 1, (int) Math.floor(atX + radius));
    int top = Math.max(0, (int) Math.ceil(atY - radius));
    int bottom = Math.min(canvas.height() - 1, (int) Math.floor(atY + radius));
    for (int y = top; y <= bottom; y++) {
      for (int x = left; x <= right; x++) {
        if ((x - atX) * (x - atX) + (y - atY) * (y - atY) <= radius * radius) {
          for (int c = 0; c < canvas.channels(); c++) {
            canvas.values()[c * canvas.area() + y * canvas.width() + x] = ink[c];
          }
        }
      }
    }
  }
}
