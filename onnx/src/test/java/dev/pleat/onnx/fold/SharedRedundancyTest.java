package dev.pleat.onnx.fold;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pleat.core.budget.Damage;
import dev.pleat.core.fold.ClusterObserver;
import dev.pleat.core.fold.FoldOptions;
import dev.pleat.core.fold.Folding;
import dev.pleat.core.fold.Method;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Redundancy;
import dev.pleat.core.fold.Repair;
import dev.pleat.core.fold.Strategy;
import dev.pleat.core.fold.Target;
import dev.pleat.core.fold.Widths;
import dev.pleat.core.tensor.TensorOverlay;
import dev.pleat.onnx.model.ModelReader;
import dev.pleat.onnx.model.OnnxModel;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SharedRedundancyTest {
  private static final Strategy STRATEGY = strategy(Method.FOLD, Repair.APPROXIMATE);

  private static Strategy strategy(Method method, Repair repair) {
    return Strategy.onWeights(method, repair, "asked for", "");
  }

  private static TracedModel network() throws URISyntaxException {
    Path file =
        Path.of(
            Objects.requireNonNull(
                    SharedRedundancyTest.class.getResource("/networks/mobile-bn.onnx"))
                .toURI());
    OnnxModel model = ModelReader.read(file);
    return TracedModel.of(model, Map.of(), 1);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 20_000, 1 << 30})
  void folds_that_share_trees_give_what_each_gives_alone(long bytes) throws URISyntaxException {
    TracedModel model = network();
    Redundancy shared = Redundancy.of(model.tensors(), model.groups(), STRATEGY, bytes, 2);
    for (double ratio : new double[] {0.3, 0.7, 0.5}) {
      FoldOptions options = FoldOptions.of(new Target.Channels(ratio));
      int[] widths = new Widths(model.groups(), options).choose(model.sizes(), 0, Damage.UNKNOWN);
      TensorOverlay one = new TensorOverlay(model.tensors());
      TensorOverlay other = new TensorOverlay(model.tensors());

      Folding.Outcome together =
          Folding.fold(
              one,
              Optional.empty(),
              shared,
              widths,
              STRATEGY,
              0,
              2,
              Progress.SILENT,
              ClusterObserver.NONE);
      Folding.Outcome alone =
          Folding.fold(
              other,
              Optional.empty(),
              model.groups(),
              widths,
              STRATEGY,
              0,
              1,
              Progress.SILENT,
              ClusterObserver.NONE);

      assertThat(together.clusterings()).isEqualTo(alone.clusterings());
      assertThat(together.groups()).isEqualTo(alone.groups());
      for (String tensor : other.written()) {
        assertThat(one.read(tensor).values()).isEqualTo(other.read(tensor).values());
      }
    }
  }

  @Test
  void trees_of_one_kind_serve_no_other() throws URISyntaxException {
    TracedModel model = network();
    Redundancy redundancy = Redundancy.of(model.tensors(), model.groups(), STRATEGY, 0, 1);
    Strategy pruning = strategy(Method.L1, Repair.NONE);
    FoldOptions nothing = FoldOptions.of(new Target.Channels(0));
    int[] widths = new Widths(model.groups(), nothing).choose(model.sizes(), 0, Damage.UNKNOWN);

    assertThat(redundancy.serves(strategy(Method.FOLD, Repair.APPROXIMATE))).isTrue();
    assertThat(redundancy.serves(strategy(Method.FOLD, Repair.LEAST_SQUARES))).isFalse();
    assertThatThrownBy(() ->
            Folding.fold(
                new TensorOverlay(model.tensors()),
                Optional.empty(),
                redundancy,
                widths,
                pruning,
                0,
                1,
                Progress.SILENT,
                ClusterObserver.NONE))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
