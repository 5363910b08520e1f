package dev.pleat.onnx.repair;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pleat.core.PleatException;
import dev.pleat.core.fold.FoldOptions;
import dev.pleat.core.fold.Progress;
import dev.pleat.core.fold.Repair;
import dev.pleat.core.fold.Target;
import dev.pleat.onnx.OnnxFolding;
import dev.pleat.onnx.data.HeldInputs;
import dev.pleat.onnx.data.Preprocessing;
import dev.pleat.onnx.data.SmallFiles;
import dev.pleat.onnx.data.TensorFile;
import dev.pleat.onnx.fold.FileFoldRequest;
import dev.pleat.onnx.network.Graph;
import dev.pleat.onnx.network.TwinNetwork;
import dev.pleat.onnx.network.TwinNetwork.Flow;
import dev.pleat.onnx.network.Width;
import dev.pleat.onnx.request.InputSource;
import dev.pleat.onnx.run.TensorValue;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Inputs that a repair cannot use: one line that says why, and no output. */
final class BadInputsTest {
  @TempDir private Path folder;

  /** Pools before its normalisation, so that it sees one value of each channel in an input. */
  private Path model(boolean normalized) {
    TwinNetwork net = new TwinNetwork(1, false);
    Flow x = net.map("Relu", net.conv(net.input(3, 6), net.hidden(8), 3, 1, false));
    x = net.conv(net.map("GlobalAveragePool", x), net.hidden(8), 1, 1, false);
    x = net.map("Relu", normalized ? net.norm(x) : x);
    Flow y = net.linear(x, 1, Width.plain(4));
    net.graph().node("Identity", List.of(y.name()), List.of("scores"));
    return net.graph().output("scores").write(folder.resolve("model.onnx"));
  }

  private static TensorValue.Floats filled(float value, long... shape) {
    float[] values = new float[TensorValue.elements(shape)];
    Arrays.fill(values, value);
    return new TensorValue.Floats(shape, values);
  }

  private InputSource npy(TensorValue.Floats value) {
    Path file = folder.resolve("inputs.npy");
    TensorFile.write(file, value);
    return files(file);
  }

  private static InputSource files(Path path) {
    return new InputSource.Files(path, Preprocessing.plain());
  }

  private void refuses(Path model, Repair repair, InputSource source, String... parts) {
    Path output = folder.resolve("out.onnx");
    FoldOptions options = FoldOptions.of(new Target.Channels(0.5)).with(repair);

    PleatException refusal =
        catchThrowableOfType(
            PleatException.class,
            () ->
                OnnxFolding.fold(
                    FileFoldRequest.of(model, output, options).with(source), Progress.SILENT));

    assertThat(refusal).isNotNull().hasMessageContainingAll(parts);
    assertThat(refusal.getMessage()).doesNotContain("\n", "--images");
    assertThat(output).doesNotExist();
  }

  @Test
  void repairing_on_data_without_data_says_what_to_give() {
    refuses(
        model(true),
        Repair.DATA,
        new InputSource.Made(),
        "repair(data)",
        "data(PATH)",
        "repair(inversion)");
  }

  @Test
  void inversion_with_data_says_which_of_them_to_leave_out() {
    refuses(
        model(true),
        Repair.INVERSION,
        npy(filled(1, 64, 3, 6, 6)),
        "repair(inversion)",
        "leave out data",
        "repair(data)");
  }

  @ParameterizedTest
  @EnumSource(names = {"NONE", "APPROXIMATE"})
  void a_repair_that_reads_no_inputs_refuses_data_rather_than_ignore_it(Repair repair) {
    refuses(
        model(true),
        repair,
        npy(filled(1, 64, 3, 6, 6)),
        repair.setting().toString(),
        "leave out data",
        "repair(auto)");
  }

  @Test
  void inversion_without_a_normalisation_says_what_to_use_instead() {
    refuses(
        model(false),
        Repair.INVERSION,
        new InputSource.Made(),
        "model.onnx",
        "no batch normalisation",
        "--repair data --data PATH",
        "--repair approximate");
  }

  @ParameterizedTest
  @EnumSource(names = {"LEAST_SQUARES", "DATA"})
  void an_array_of_the_wrong_shape_is_refused_with_both_shapes(Repair repair) {
    refuses(
        model(true),
        repair,
        npy(filled(1, 64, 3, 6, 5)),
        "inputs.npy",
        "[64, 3, 6, 5]",
        "[-1, 3, 6, 6]",
        "'image'");
    refuses(model(true), repair, npy(filled(1, 64, 108)), "[64, 108]", "[-1, 3, 6, 6]");
  }

  @Test
  void an_array_of_integers_is_refused_where_the_input_takes_floats() {
    Path file = folder.resolve("whole.npy");
    TensorFile.write(file, new TensorValue.Integers(new long[] {64, 3, 6, 6}, new long[64 * 108]));

    refuses(model(true), Repair.DATA, files(file), "whole.npy", "'image'", "floating-point");
  }

  @ParameterizedTest
  @EnumSource(names = {"LEAST_SQUARES", "DATA"})
  void too_few_inputs_for_a_variance_say_how_many_are_needed(Repair repair) {
    refuses(
        model(true),
        repair,
        npy(filled(1, 5, 3, 6, 6)),
        "BatchNormalization",
        "5 inputs",
        "give at least 32 inputs");
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY})
  void a_value_that_is_not_finite_is_refused_with_its_place(float value) {
    TensorValue.Floats inputs = filled(1, 64, 3, 6, 6);
    inputs.values()[3 * 108 + 7] = value;

    refuses(model(true), Repair.DATA, npy(inputs), "inputs.npy", "entry 3", "not a finite float32");
  }

  @ParameterizedTest
  @EnumSource(names = {"LEAST_SQUARES", "DATA"})
  void activations_that_overflow_name_the_layer(Repair repair) {
    InputSource source =
        new InputSource.Given(new HeldInputs("huge", "image", filled(3e38f, 64, 3, 6, 6)));

    refuses(model(true), repair, source, "model.onnx", "NaN or infinity");
  }

  @Test
  void activations_that_overflow_where_nothing_is_normalised_name_the_layer() {
    InputSource source =
        new InputSource.Given(new HeldInputs("huge", "image", filled(3e38f, 64, 3, 6, 6)));

    refuses(model(false), Repair.LEAST_SQUARES, source, "model.onnx", "Conv", "NaN or infinity");
  }

  @Test
  void a_path_that_is_not_there_is_named_without_an_option_that_was_not_given() {
    refuses(model(true), Repair.DATA, files(folder.resolve("absent")), "absent", "no such file");
  }

  @Test
  void images_with_other_channels_are_refused_with_both_numbers() {
    Path images = SmallFiles.idx(folder.resolve("images.idx"), new byte[40 * 9], 40, 3, 3);

    refuses(model(true), Repair.DATA, files(images), "images.idx", "1 channel", "3 channels");
  }

  @Test
  void images_for_a_network_that_takes_none_are_refused() {
    Graph graph = new Graph(13);
    graph.input("table", -1, 5);
    String w = graph.floats("w", new float[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 4, 5, 7, 8}, 5, 3);
    String hidden = graph.node("Relu", List.of(graph.node("Gemm", List.of("table", w))));
    String v = graph.floats("v", new float[] {1, 2, 3, 4, 5, 6}, 3, 2);
    graph.node("Gemm", List.of(hidden, v), List.of("scores"));
    Path model = graph.output("scores").write(folder.resolve("table.onnx"));
    Path images = SmallFiles.idx(folder.resolve("images.idx"), new byte[40 * 9], 40, 3, 3);

    refuses(model, Repair.DATA, files(images), "'table' [-1, 5] takes no images");
  }
}
