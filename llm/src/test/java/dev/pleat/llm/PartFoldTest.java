package dev.pleat.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pleat.core.PleatException;
import dev.pleat.core.fold.Allocation;
import dev.pleat.core.fold.FoldOptions;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Target;
import dev.pleat.core.report.FoldReport;
import dev.pleat.core.report.PartReport;
import dev.pleat.llm.fold.CheckpointFoldRequest;
import dev.pleat.llm.request.Part;
import dev.pleat.llm.safetensors.DataType;
import dev.pleat.llm.safetensors.Sha256;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A fold that is made in parts, by processes that know nothing of each other, has the same bytes.
 */
class PartFoldTest {
  private static final FoldOptions HALF = FoldOptions.of(new Target.Channels(0.5));

  @TempDir private Path folder;
  private Path input = Path.of("");

  @BeforeEach
  void writeModel() throws IOException {
    input = ModelFolder.write(TinyModel.llama(11), DataType.BF16, 5, folder.resolve("in"));
    Files.writeString(input.resolve("tokenizer.json"), "{}");
  }

  private CheckpointFoldRequest request(String output, FoldOptions options) {
    return UnroundedFold.of(input, folder.resolve(output), options, false, 2);
  }

  private PartReport part(int number, int of) {
    return CheckpointFolding.foldPart(request("out", HALF), new Part(number, of), Progress.SILENT);
  }

  private Map<String, String> hashes(String output) throws IOException {
    Map<String, String> hashes = new TreeMap<>();
    for (String name : ModelFolder.files(folder.resolve(output)).keySet()) {
      hashes.put(name, Sha256.of(folder.resolve(output).resolve(name)));
    }
    return hashes;
  }

  private void sameAsAtOnce(FoldReport joined) throws IOException {
    FoldReport whole = CheckpointFolding.fold(request("whole", HALF), Progress.SILENT);
    assertThat(hashes("out")).isEqualTo(hashes("whole"));
    assertThat(joined.groups()).isEqualTo(whole.groups());
    assertThat(joined.verification()).isEqualTo(whole.verification());
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("in", "out", "whole");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 8})
  void parts_in_any_order_make_the_bytes_of_a_fold_at_once(int of) throws IOException {
    List<Integer> order = new ArrayList<>(IntStream.rangeClosed(1, of).boxed().toList());
    Collections.shuffle(order, new Random(of));
    List<String> made = new ArrayList<>();
    List<FoldReport> joined = new ArrayList<>();
    for (int number : order) {
      assertThat(folder.resolve("out"))
          .satisfiesAnyOf(
              out -> assertThat(out).doesNotExist(), out -> assertThat(joined).hasSize(1));
      if (joined.isEmpty()) {
        PartReport report = part(number, of);
        made.addAll(report.made());
        report.whole().ifPresent(joined::add);
      }
    }

    assertThat(made).doesNotHaveDuplicates().hasSize(5);
    sameAsAtOnce(joined.getFirst());
  }

  @Test
  void parts_at_the_same_time_make_the_same_bytes_and_one_of_them_joins() throws IOException {
    List<CompletableFuture<PartReport>> parts =
        IntStream.rangeClosed(1, 4)
            .mapToObj(number -> CompletableFuture.supplyAsync(() -> part(number, 4)))
            .toList();

    List<FoldReport> joined = parts.stream().flatMap(p -> p.join().whole().stream()).toList();

    assertThat(joined).hasSize(1);
    sameAsAtOnce(joined.getFirst());
  }

  @Test
  void a_part_that_is_made_again_goes_on_and_says_what_is_missing() {
    PartReport first = part(1, 2);

    assertThat(first.whole()).isEmpty();
    assertThat(first.missing()).isNotEmpty().doesNotContainAnyElementsOf(first.made());
    assertThat(part(1, 2)).isEqualTo(first);
    assertThat(part(2, 2).whole()).isPresent();
    assertThatThrownBy(() -> part(2, 2))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("out exists: its parts are joined");
  }

  @Test
  void a_file_that_was_damaged_is_made_again() throws IOException {
    String made = part(1, 2).made().getFirst();
    Path shard = folder.resolve(".out.pleat-parts-2").resolve("files").resolve(made);
    try (RandomAccessFile bytes = new RandomAccessFile(shard.toFile(), "rw")) {
      bytes.seek(bytes.length() - 40);
      bytes.write(new byte[40]);
    }
    part(1, 2);

    sameAsAtOnce(part(2, 2).whole().orElseThrow());
  }

  @Test
  void parts_of_different_folds_are_not_joined() throws IOException {
    part(1, 2);

    assertThatThrownBy(() ->
            CheckpointFolding.foldPart(
                request("out", FoldOptions.of(new Target.Channels(0.3))),
                new Part(2, 2),
                Progress.SILENT))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("was made with other options or from other weights");
    assertThat(folder.resolve("out")).doesNotExist();
  }

  @Test
  void an_input_that_changes_between_parts_is_noticed() throws IOException {
    part(1, 2);
    Path shard = input.resolve("model-00005-of-00005.safetensors");
    byte[] bytes = Files.readAllBytes(shard);
    bytes[bytes.length - 1] ^= 1;
    Files.write(shard, bytes);
    Files.setLastModifiedTime(shard, FileTime.fromMillis(System.currentTimeMillis() + 5000));

    assertThatThrownBy(() -> part(2, 2))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("was made with other options or from other weights");
  }

  @Test
  void folds_that_run_the_model_have_no_parts() throws IOException {
    Files.writeString(input.resolve("generation_config.json"), "{\"bos_token_id\": 1}");
    assertThatThrownBy(() -> part(1, 2))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("give --method fold --repair none");
    assertThatThrownBy(() ->
            CheckpointFolding.foldPart(
                request("out", HALF.with(Allocation.GLOBAL)), new Part(1, 2), Progress.SILENT))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("--allocate uniform");
    assertThat(folder.toFile().list()).as("nothing is left behind").containsExactly("in");
  }
}
