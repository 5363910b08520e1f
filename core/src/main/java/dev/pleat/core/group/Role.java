package dev.pleat.core.group;

/** What a tensor axis does with the channels that it indexes. */
public enum Role {
  /**
   * Makes the channel: output rows of a convolution or linear layer, and their bias. Merged by
   * mean.
   */
  PRODUCER,
  /** One value or more for each channel on its way: normalisation scale, slope. Merged by mean. */
  PER_CHANNEL,
  /** A running statistic. Merged by mean; not a feature. */
  STATISTIC,
  /** Reads the channel: input columns of the next layer. Merged by sum. */
  CONSUMER
}
