package dev.pleat.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pleat.core.fold.FoldOptions;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Repair;
import dev.pleat.core.fold.Target;
import dev.pleat.core.report.FoldReport;
import dev.pleat.core.tensor.Tensor;
import dev.pleat.llm.architecture.Architecture;
import dev.pleat.llm.architecture.Architectures;
import dev.pleat.llm.architecture.AttentionDescription;
import dev.pleat.llm.fold.CheckpointFoldRequest;
import dev.pleat.llm.safetensors.DataType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever a family's layouts are, doubled channels fold back to the original. */
class EveryArchitectureTest {
  /** Which of two equal neurons stays is a matter of weights; a fit to texts may take the other. */
  private static final FoldOptions OPTIONS =
      FoldOptions.of(new Target.Channels(0.5)).with(Repair.NONE);

  @TempDir private Path folder;

  static List<Arguments> types() {
    List<Arguments> cases = new ArrayList<>();
    for (Architecture architecture : Architectures.bundled()) {
      for (String type : architecture.modelTypes()) {
        cases.add(Arguments.of(type, false, architecture));
      }
      if (architecture.prefixes().size() > 1) {
        cases.add(Arguments.of(architecture.modelTypes().getFirst(), true, architecture));
      }
    }
    return cases;
  }

  @ParameterizedTest(name = "{0}, prefixed: {1}")
  @MethodSource("types")
  void doubled_neurons_and_heads_fold_back(String type, boolean prefixed, Architecture architecture)
      throws IOException {
    long seed = type.hashCode();
    boolean heads = architecture.attention().heads() instanceof AttentionDescription.Heads.Free;
    Widening.Pair pair =
        Widening.of(TinyModel.random(architecture, type, prefixed, seed), heads, seed + 1);
    Path wide = ModelFolder.write(pair.wide(), DataType.F32, folder.resolve("wide"));
    Path expected = ModelFolder.write(pair.expected(), DataType.F32, folder.resolve("expected"));
    Path output = folder.resolve("output");

    FoldReport report =
        CheckpointFolding.fold(
            CheckpointFoldRequest.builder(wide, output, OPTIONS)
                .round(1)
                .heads(heads ? Optional.of(0.5) : Optional.empty())
                .threads(2)
                .build(),
            Progress.SILENT);

    assertThat(report.verification().ran()).isTrue();
    assertThat(report.verification().maxAbsDifferenceAtRatioZero()).isZero();
    assertThat(report.verification().maxRelativeDifferenceOfDuplicates()).isLessThan(1e-4);
    assertThat(ModelFolder.config(output)).isEqualTo(ModelFolder.config(expected));
    Map<String, Tensor> tensors = ModelFolder.tensors(output);
    assertThat(tensors.keySet()).isEqualTo(ModelFolder.tensors(expected).keySet());
    tensors.forEach((name, tensor) -> {
      Tensor original = pair.expected().tensor(name);
      assertThat(tensor.shape()).as(name).isEqualTo(original.shape());
      for (int i = 0; i < tensor.values().length; i++) {
        assertThat(tensor.values()[i])
            .as("%s[%d]", name, i)
            .isCloseTo(original.values()[i], within(1e-5f));
      }
    });
  }
}
