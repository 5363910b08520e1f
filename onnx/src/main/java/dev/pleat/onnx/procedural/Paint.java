package dev.pleat.onnx.procedural;

import dev.pleat.core.cluster.SplitMix64;

/**
 * What a surface looks like: a colour that shades off to another, with a pattern on it.
 *
 * @param from the colour on one side
 * @param to the colour on the other
 * @param dx direction of the shading, x part, per unit
 * @param dy direction of the shading, y part, per unit
 * @param amplitude of the pattern
 * @param fx frequency of the pattern along x, radians a pixel
 * @param fy frequency along y
 * @param gx frequency of a second wave along x that checks the first; 0 for stripes
 * @param gy frequency of it along y
 * @param grain deviation of the noise on every pixel
 */
@SuppressWarnings("ArrayRecordComponent") // Read only, never compared.
record Paint(
    float[] from,
    float[] to,
    double dx,
    double dy,
    double amplitude,
    double fx,
    double fy,
    double gx,
    double gy,
    double grain) {

  /** Shading is usual, patterns are not. */
  static Paint random(Palette palette, SplitMix64 random) {
    float[] colour = palette.next();
    float[] other = random.nextDouble() < 0.4 ? palette.next() : colour;
    double angle = 2 * StrictMath.PI * random.nextDouble();
    boolean pattern = random.nextDouble() < 0.35;
    double wave = StrictMath.exp(StrictMath.log(2 * StrictMath.PI / 16) + 2 * random.nextDouble());
    double direction = 2 * StrictMath.PI * random.nextDouble();
    boolean checks = random.nextDouble() < 0.4;
    return new Paint(
        colour,
        other,
        StrictMath.cos(angle),
        StrictMath.sin(angle),
        pattern ? 0.3 * random.nextDouble() : 0,
        wave * StrictMath.cos(direction),
        wave * StrictMath.sin(direction),
        checks ? -wave * StrictMath.sin(direction) : 0,
        checks ? wave * StrictMath.cos(direction) : 0,
        random.nextDouble() < 0.5 ? 0.06 * random.nextDouble() : 0);
  }

  /** How bright the pattern makes a pixel, to be added to all channels. */
  double pattern(int x, int y, SplitMix64 random) {
    double value = grain == 0 ? 0 : grain * (random.nextDouble() + random.nextDouble() - 1) * 2.4;
    if (amplitude != 0) {
      double wave = StrictMath.sin(fx * x + fy * y);
      value += amplitude * (gx == 0 && gy == 0 ? wave : wave * StrictMath.sin(gx * x + gy * y));
    }
    return value;
  }

  /** How much of the second colour there is at a place that is −1 to 1 from the middle. */
  double share(double x, double y) {
    return Math.clamp(0.5 + 0.5 * (dx * x + dy * y), 0, 1);
  }
}
