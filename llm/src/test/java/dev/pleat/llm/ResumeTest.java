package dev.pleat.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pleat.core.PleatException;
import dev.pleat.core.fold.Allocation;
import dev.pleat.core.fold.FoldOptions;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Target;
import dev.pleat.core.report.FoldReport;
import dev.pleat.llm.safetensors.DataType;
import dev.pleat.onnx.output.OutputLock;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A fold that was interrupted goes on where it stopped, and ends as if it had not been. */
class ResumeTest {
  @TempDir private Path folder;
  private Path input = Path.of("");

  /** Stops a fold after some steps, as a kill would, and counts those of another. */
  private static final class Stopping implements Progress {
    private final int last;
    private int steps;
    private boolean folding;

    Stopping(int last) {
      this.last = last;
    }

    @Override
    public void begin(String stage, int count) {
      folding = stage.equals("fold");
    }

    @Override
    public void step() {
      if (folding && ++steps == last) {
        throw new IllegalStateException("interrupted");
      }
    }
  }

  @BeforeEach
  void writeModel() throws IOException {
    input = ModelFolder.write(TinyModel.llama(11), DataType.BF16, 3, folder.resolve("in"));
  }

  private FoldReport fold(String output, double ratio, boolean resume, Progress progress) {
    return fold(output, FoldOptions.of(new Target.Channels(ratio)), resume, progress);
  }

  private FoldReport fold(String output, FoldOptions options, boolean resume, Progress progress) {
    return CheckpointFolding.fold(
        UnroundedFold.of(input, folder.resolve(output), options, resume, 2), progress);
  }

  private void interrupt() {
    assertThatThrownBy(() -> fold("out", 0.5, false, new Stopping(2))).hasMessage("interrupted");
    assertThat(folder.resolve("out")).doesNotExist();
  }

  private Path unfinished() {
    return folder.resolve(".out.pleat-unfinished");
  }

  private static void remove(Path directory) throws IOException {
    try (var files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private void sameAsUninterrupted(FoldReport resumed) throws IOException {
    same(resumed, fold("whole", 0.5, false, Progress.SILENT));
  }

  private void same(FoldReport resumed, FoldReport whole) throws IOException {
    assertThat(resumed.groups()).isEqualTo(whole.groups());
    Map<String, byte[]> files = ModelFolder.files(folder.resolve("out"));
    Map<String, byte[]> expected = ModelFolder.files(folder.resolve("whole"));
    assertThat(files.keySet()).isEqualTo(expected.keySet());
    expected.forEach((name, bytes) -> assertThat(files.get(name)).as(name).isEqualTo(bytes));
    assertThat(unfinished()).doesNotExist();
  }

  @Test
  void it_goes_on_where_it_stopped() throws IOException {
    interrupt();

    sameAsUninterrupted(fold("out", 0.5, true, Progress.SILENT));
  }

  @Test
  void a_repaired_fold_goes_on_too() throws IOException {
    Files.writeString(input.resolve("generation_config.json"), "{\"bos_token_id\": 1}");
    interrupt();

    FoldReport resumed = fold("out", 0.5, true, Progress.SILENT);

    assertThat(resumed.repair()).isEqualTo("self");
    sameAsUninterrupted(resumed);
  }

  @Test
  void a_fold_with_a_width_for_each_layer_goes_on_too() throws IOException {
    Files.writeString(input.resolve("generation_config.json"), "{\"bos_token_id\": 1}");
    FoldOptions global = FoldOptions.of(new Target.Channels(0.4)).with(Allocation.GLOBAL);
    assertThatThrownBy(() -> fold("out", global, false, new Stopping(2))).hasMessage("interrupted");

    same(fold("out", global, true, Progress.SILENT), fold("whole", global, false, Progress.SILENT));
  }

  @Test
  void a_damaged_part_is_made_again() throws IOException {
    interrupt();
    for (int shard = 1; shard <= 3; shard++) {
      Path file = unfinished().resolve("model-0000%d-of-00003.safetensors".formatted(shard));
      long size = Files.size(file);
      try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
        bytes.seek(size - 40);
        bytes.write(new byte[40]);
      }
    }

    sameAsUninterrupted(fold("out", 0.5, true, Progress.SILENT));
  }

  @Test
  void a_list_of_steps_that_was_cut_off_is_read_as_far_as_it_goes() throws IOException {
    interrupt();
    Path steps = unfinished().resolve(".pleat-steps.jsonl");
    String text = Files.readString(steps);
    Files.writeString(steps, text.substring(0, text.length() - 30));

    sameAsUninterrupted(fold("out", 0.5, true, Progress.SILENT));
  }

  @Test
  void a_list_of_steps_that_was_damaged_is_read_as_far_as_it_is_whole() throws IOException {
    interrupt();
    Path steps = unfinished().resolve(".pleat-steps.jsonl");
    String text = Files.readString(steps);
    byte[] noText = text.getBytes(StandardCharsets.UTF_8);
    noText[noText.length / 2] = (byte) 0xff;
    for (byte[] damaged :
        List.of(
            noText,
            text.replaceFirst("\"sha256\":\"[0-9a-f]*\",", "").getBytes(StandardCharsets.UTF_8),
            text.replaceFirst("\"groups\"", "\"grouqs\"").getBytes(StandardCharsets.UTF_8),
            "null\n".getBytes(StandardCharsets.UTF_8),
            new byte[0])) {
      if (!Files.exists(unfinished())) {
        interrupt();
      }
      Files.write(steps, damaged);
      FoldReport resumed = fold("out", 0.5, true, Progress.SILENT);
      assertThat(resumed.groups()).isNotEmpty();
      remove(folder.resolve("out"));
    }
  }

  @Test
  void a_file_of_weights_that_ends_in_its_header_is_begun_again() throws IOException {
    interrupt();
    Path shard = unfinished().resolve("model-00002-of-00003.safetensors");
    for (int length : new int[] {0, 5, 100}) {
      try (RandomAccessFile bytes = new RandomAccessFile(shard.toFile(), "rw")) {
        bytes.setLength(length);
      }
      assertThat(fold("out", 0.5, true, Progress.SILENT).groups()).isNotEmpty();
      remove(folder.resolve("out"));
      interrupt();
    }
    try (RandomAccessFile bytes = new RandomAccessFile(shard.toFile(), "rw")) {
      bytes.setLength(0);
    }
    sameAsUninterrupted(fold("out", 0.5, true, Progress.SILENT));
  }

  @Test
  void a_commit_that_was_killed_between_its_renames_leaves_the_old_output() throws IOException {
    fold("out", 0.25, false, Progress.SILENT);
    Map<String, byte[]> old = ModelFolder.files(folder.resolve("out"));
    Files.move(folder.resolve("out"), folder.resolve(".out.pleat-replaced"));

    assertThatThrownBy(() -> fold("out", 0.5, false, Progress.SILENT))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("force(true)");

    assertThat(ModelFolder.files(folder.resolve("out")).keySet()).isEqualTo(old.keySet());
    assertThat(folder.resolve(".out.pleat-replaced")).doesNotExist();
  }

  @Test
  void a_run_that_wrote_nothing_leaves_nothing_to_continue() throws IOException {
    Files.createDirectory(unfinished());

    sameAsUninterrupted(fold("out", 0.5, false, Progress.SILENT));
  }

  @Test
  void that_an_output_exists_is_said_before_the_model_is_read() throws IOException {
    fold("out", 0.5, false, Progress.SILENT);
    Files.writeString(input.resolve("config.json"), "no configuration");

    assertThatThrownBy(() -> fold("out", 0.5, false, Progress.SILENT))
        .hasMessageContaining("force(true)");
  }

  @Test
  void it_is_not_continued_unasked() {
    interrupt();

    assertThatThrownBy(() -> fold("out", 0.5, false, Progress.SILENT))
        .isInstanceOf(PleatException.class)
        .hasMessageContainingAll("unfinished", "resume(true)", "force(true)");
    assertThat(unfinished()).exists();
  }

  @Test
  void it_is_not_continued_with_other_options() {
    interrupt();

    assertThatThrownBy(() -> fold("out", 0.3, true, Progress.SILENT))
        .isInstanceOf(PleatException.class)
        .hasMessageContaining("begun with other options");
    assertThat(unfinished()).exists();
  }

  @Test
  void nothing_begun_is_nothing_to_continue_from() throws IOException {
    sameAsUninterrupted(fold("out", 0.5, true, Progress.SILENT));
  }

  @Test
  void a_finished_output_is_nothing_to_continue_from_either() {
    fold("out", 0.5, true, Progress.SILENT);

    assertThatThrownBy(() -> fold("out", 0.5, true, Progress.SILENT))
        .isInstanceOf(PleatException.class)
        .hasMessageContainingAll(
            "out exists", "nothing unfinished is left to resume", "force(true)");
  }

  @Test
  void an_output_that_another_fold_is_making_is_refused_at_once() throws IOException {
    try (OutputLock other = OutputLock.take(folder.resolve("out"))) {
      assertThatThrownBy(() -> fold("out", 0.5, false, Progress.SILENT))
          .isInstanceOf(PleatException.class)
          .hasMessageContainingAll("out", "is being written by another", "(process ");
      assertThat(unfinished()).doesNotExist();
    }

    fold("out", 0.5, false, Progress.SILENT);
    assertThat(folder.resolve("out/config.json")).isRegularFile();
  }

  @Test
  void where_a_link_leads_nothing_is_begun() throws IOException {
    Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
    Path precious = Files.writeString(elsewhere.resolve("config.json"), "all of it");
    Files.createSymbolicLink(unfinished(), elsewhere);

    for (boolean resume : new boolean[] {false, true}) {
      assertThatThrownBy(() -> fold("out", 0.5, resume, Progress.SILENT))
          .isInstanceOf(PleatException.class)
          .hasMessageContainingAll(".out.pleat-unfinished", "remove it");
    }
    assertThat(precious).hasContent("all of it");
  }
}
