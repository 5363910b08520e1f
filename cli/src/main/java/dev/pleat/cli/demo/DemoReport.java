package dev.pleat.cli.demo;

import java.util.List;

/**
 * The result of the demo. The component names are the fields of {@code demo --json}.
 *
 * @param images how many test images were classified
 * @param rows the original first, then every variant
 * @param seconds how long it all took
 */
public record DemoReport(long images, List<Row> rows, double seconds) {

  /**
   * One network.
   *
   * @param name what it is, in words
   * @param channels the share of channels that was removed
   * @param method the method in lower case, empty for the original
   * @param repair the repair in lower case, empty for the original
   * @param accuracy the share of images classified rightly, in [0, 1]
   * @param parameters floating-point weights
   * @param bytes file size
   * @param latencyMs median milliseconds for one image
   */
  public record Row(
      String name,
      double channels,
      String method,
      String repair,
      double accuracy,
      long parameters,
      long bytes,
      double latencyMs) {

    /** The same network, measured. */
    Row with(double measuredAccuracy, double measuredMs) {
      return new Row(
          name, channels, method, repair, measuredAccuracy, parameters, bytes, measuredMs);
    }
  }
}
