package dev.pleat.onnx.procedural;

import dev.pleat.core.cluster.SplitMix64;

/**
 * A random outline around the origin, about 1 in radius.
 *
 * @param outline what it is
 * @param cos of the angle it is turned by
 * @param sin of that angle
 * @param stretch how much longer than wide it is, at least 1
 * @param detail a number in [0, 1) for what else the outline leaves open
 */
record Shape(Outline outline, double cos, double sin, double stretch, double detail) {

  /** What a shape may be. */
  enum Outline {
    ELLIPSE,
    RECTANGLE,
    POLYGON,
    BLOB,
    RING
  }

  static Shape random(SplitMix64 random) {
    Outline[] all = Outline.values();
    double angle = 2 * StrictMath.PI * random.nextDouble();
    return new Shape(
        all[random.nextInt(all.length)],
        StrictMath.cos(angle),
        StrictMath.sin(angle),
        StrictMath.exp(1.2 * random.nextDouble() * random.nextDouble()),
        random.nextDouble());
  }

  /** How far from the origin a point of it can be. */
  double reach() {
    return 1.5 * stretch;
  }

  /** Whether it holds a point. */
  boolean holds(double dx, double dy) {
    double x = (cos * dx + sin * dy) / stretch;
    double y = (cos * dy - sin * dx) * stretch;
    return switch (outline) {
      case ELLIPSE -> x * x + y * y < 1;
      case RECTANGLE -> Math.abs(x) < 0.9 && Math.abs(y) < 0.9;
      case RING -> x * x + y * y < 1 && x * x + y * y > 0.3 + 0.5 * detail;
      case POLYGON -> {
        int sides = 3 + (int) (4 * detail);
        double turn = 2 * Math.PI / sides;
        double angle = Math.atan2(y, x);
        double off = angle - turn * Math.floor(angle / turn) - turn / 2;
        yield Math.sqrt(x * x + y * y) * Math.cos(off) < 0.85;
      }
      case BLOB -> {
        double angle = Math.atan2(y, x);
        double radius =
            1
                + 0.25 * Math.sin(2 * angle + 7 * detail)
                + 0.2 * Math.sin(3 * angle + 29 * detail)
                + 0.1 * Math.sin(5 * angle + 97 * detail);
        yield x * x + y * y < radius * radius;
      }
    };
  }
}
