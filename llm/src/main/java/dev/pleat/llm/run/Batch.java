package dev.pleat.llm.run;

import dev.pleat.onnx.run.TensorValue;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Token sequences of one length.
 *
 * @param tokens [sequences][length], every length the same and at least 1
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
public record Batch(int[][] tokens) {

  /** Checks the lengths. */
  public Batch {
    int length = tokens.length == 0 ? 0 : tokens[0].length;
    if (length == 0 || Arrays.stream(tokens).anyMatch(row -> row.length != length)) {
      throw new IllegalArgumentException("sequences of one length of at least 1 are needed");
    }
  }

  /** Number of sequences. */
  public int sequences() {
    return tokens.length;
  }

  /** Tokens of each sequence. */
  public int length() {
    return tokens[0].length;
  }

  /** These sequences several times, one time after the other. */
  public Batch repeated(int times) {
    return new Batch(
        Stream.generate(() -> tokens).limit(times).flatMap(Arrays::stream).toArray(int[][]::new));
  }

  /** Some of these sequences: 2p and 2p+1 for each p. */
  public Batch pairs(List<Integer> chosen) {
    return new Batch(
        chosen.stream()
            .flatMap(p -> Stream.of(tokens[2 * p], tokens[2 * p + 1]))
            .toArray(int[][]::new));
  }

  /**
   * Some of these sequences, at even distances.
   *
   * @param most how many, at least 1
   */
  public Batch some(int most) {
    return new Batch(Arrays.stream(chosen(most)).mapToObj(s -> tokens[s]).toArray(int[][]::new));
  }

  /** The rows of what {@link #some} takes. */
  public int[] rowsOfSome(int most) {
    return Arrays.stream(chosen(most))
        .flatMap(s -> IntStream.range(s * length(), (s + 1) * length()))
        .toArray();
  }

  private int[] chosen(int most) {
    int count = Math.min(most, sequences());
    return IntStream.range(0, count).map(i -> (int) ((long) i * sequences() / count)).toArray();
  }

  /** Number of tokens. */
  public int rows() {
    return Math.multiplyExact(sequences(), length());
  }

  /** The tokens as the input of a model, [sequences, length]. */
  TensorValue ids() {
    return integers(Arrays.stream(tokens).flatMapToInt(Arrays::stream).asLongStream().toArray());
  }

  /** The positions of the tokens when {@code past} others stand before each sequence. */
  TensorValue positions(int past) {
    long[] positions = new long[rows()];
    Arrays.setAll(positions, i -> past + i % length());
    return integers(positions);
  }

  private TensorValue integers(long[] values) {
    return new TensorValue.Integers(new long[] {sequences(), length()}, values);
  }
}
