package dev.pleat.onnx.procedural;

import dev.pleat.core.cluster.SplitMix64;

/**
 * Shapes that hide each other, their sizes drawn from a power law: the simplest pictures with the
 * edges, occlusions and scale invariance of natural ones (Lee, Mumford and Huang, "Occlusion models
 * for natural images", IJCV 2001; Baradad et al., "Learning to see by looking at noise", NeurIPS
 * 2021).
 */
final class DeadLeaves {
  /** Radii from this share of the longer side, */
  private static final double SMALLEST = 0.03;

  /** to this. */
  private static final double LARGEST = 0.6;

  /** Beyond so many, what is still open stays background. */
  private static final int MOST_LEAVES = 1200;

  private final Canvas canvas;
  private final Palette palette;
  private final SplitMix64 random;
  private final boolean[] taken;
  private int open;

  DeadLeaves(Canvas canvas, Palette palette, SplitMix64 random) {
    this.canvas = canvas;
    this.palette = palette;
    this.random = random;
    this.taken = new boolean[canvas.area()];
    this.open = canvas.area();
  }

  /** Covers the whole picture, the nearest leaf first. */
  void cover() {
    for (int leaf = 0; leaf < MOST_LEAVES && open > 0; leaf++) {
      leaf(
          Shape.random(random),
          radius(),
          random.nextDouble() * canvas.width(),
          random.nextDouble() * canvas.height());
    }
    background();
  }

  /** Paints what no leaf has covered. */
  void background() {
    Paint paint = Paint.random(palette, random);
    double half = canvas.side() / 2.0;
    for (int y = 0; y < canvas.height(); y++) {
      for (int x = 0; x < canvas.width(); x++) {
        put(paint, x, y, (x - canvas.width() / 2.0) / half, (y - canvas.height() / 2.0) / half);
      }
    }
  }

  /** Paints what no leaf has covered in one brightness. */
  void ground(double brightness) {
    float[] colour = new float[canvas.channels()];
    java.util.Arrays.fill(colour, (float) brightness);
    for (int at = 0; at < canvas.area(); at++) {
      for (int c = 0; !taken[at] && c < canvas.channels(); c++) {
        canvas.values()[c * canvas.area() + at] = colour[c];
      }
    }
  }

  /** A density of r⁻³ between the smallest and the largest. */
  private double radius() {
    double low = 1 / (LARGEST * LARGEST);
    double high = 1 / (SMALLEST * SMALLEST);
    double at = low + random.nextDouble() * (high - low);
    return Math.max(1, canvas.side() / StrictMath.sqrt(at));
  }

  /** Paints what is still open of a shape. */
  void leaf(Shape shape, double radius, double atX, double atY) {
    Paint paint = Paint.random(palette, random);
    double reach = radius * shape.reach();
    int left = Math.max(0, (int) Math.floor(atX - reach));
    int right = Math.min(canvas.width() - 1, (int) Math.ceil(atX + reach));
    int top = Math.max(0, (int) Math.floor(atY - reach));
    int bottom = Math.min(canvas.height() - 1, (int) Math.ceil(atY + reach));
    for (int y = top; y <= bottom; y++) {
      for (int x = left; x <= right; x++) {
        double dx = (x + 0.5 - atX) / radius;
        double dy = (y + 0.5 - atY) / radius;
        if (!taken[y * canvas.width() + x] && shape.holds(dx, dy)) {
          put(paint, x, y, dx, dy);
        }
      }
    }
  }

  private void put(Paint paint, int x, int y, double dx, double dy) {
    int at = y * canvas.width() + x;
    if (taken[at]) {
      return;
    }
    taken[at] = true;
    open--;
    double share = paint.share(dx, dy);
    double pattern = paint.pattern(x, y, random);
    for (int c = 0; c < canvas.channels(); c++) {
      double colour = paint.from()[c] + share * (paint.to()[c] - paint.from()[c]);
      canvas.values()[c * canvas.area() + at] = (float) (colour + pattern);
    }
  }
}
