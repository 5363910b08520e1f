package dev.pleat.onnx.procedural;

import dev.pleat.core.cluster.SplitMix64;

/** Kinds of made pictures. What a network does on one kind says what it does on things unseen. */
public enum ImageKind {
  /** Shapes of all sizes that hide each other. */
  LEAVES {
    @Override
    void draw(Canvas canvas, Palette palette, SplitMix64 random) {
      new DeadLeaves(canvas, palette, random).cover();
    }
  },
  /** A few shapes in the middle of a plain or shaded ground. */
  OBJECTS {
    @Override
    void draw(Canvas canvas, Palette palette, SplitMix64 random) {
      DeadLeaves leaves = new DeadLeaves(canvas, palette, random);
      int count = 1 + random.nextInt(5);
      for (int i = 0; i < count; i++) {
        double radius =
            Math.min(canvas.height(), canvas.width()) * (0.08 + 0.35 * random.nextDouble());
        leaves.leaf(
            Shape.random(random),
            radius,
            canvas.width() * (0.5 + 0.22 * random.nextGaussian()),
            canvas.height() * (0.5 + 0.22 * random.nextGaussian()));
      }
      if (random.nextDouble() < 0.6) {
        leaves.ground(random.nextDouble() < 0.6 ? 0 : 1);
      } else {
        leaves.background();
      }
    }
  },
  /** Lines like writing. */
  STROKES {
    @Override
    void draw(Canvas canvas, Palette palette, SplitMix64 random) {
      canvas.fill(palette.next(0.6 + 0.4 * random.nextDouble()));
      new Strokes(canvas, random).write(palette);
    }
  },
  /** Clouds. */
  CLOUDS {
    @Override
    void draw(Canvas canvas, Palette palette, SplitMix64 random) {
      Spectrum.fill(canvas, palette, random);
    }
  };

  /** Pictures with a shorter longer side are drawn at twice the size, for soft edges. */
  private static final int SMALL = 160;

  abstract void draw(Canvas canvas, Palette palette, SplitMix64 random);

  /**
   * One picture.
   *
   * @param seed the same seed gives the same picture
   * @return channels × height × width, row-major, in [0, 1]
   */
  public float[] picture(int channels, int height, int width, long seed) {
    SplitMix64 random = new SplitMix64(seed);
    int finer = Math.max(height, width) <= SMALL ? 2 : 1;
    Canvas canvas = Canvas.black(channels, height * finer, width * finer);
    draw(canvas, new Palette(channels, random), random);
    Canvas picture = finer == 1 ? canvas : canvas.reduced(finer);
    picture.clamp();
    return picture.values();
  }
}
